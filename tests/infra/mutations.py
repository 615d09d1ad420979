"""Faults to seed into the templates, one at a time, and what the checker says of each."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Mutation:
    """A fault: the first `before` in the file becomes `after`, and the checker says `found`."""

    name: str
    file: str
    before: str
    after: str
    found: str

    def seed(self, source: str) -> str:
        """The file's text with the fault in it. Raises `ValueError` when it does not fit any more."""
        if self.before not in source:
            raise ValueError(f"{self.name!r} does not fit {self.file} any more")
        return source.replace(self.before, self.after, 1)


_MAIN: Final = "main.bicep"


def _in(module: str) -> str:
    return f"modules/{module}.bicep"


MUTATIONS: Final = (
    # The language
    Mutation("a brace is missing", _in("identity"), "  tags: tags\n}", "  tags: tags\n", "syntax"),
    Mutation("a string does not end", _in("identity"), "2024-11-30'", "2024-11-30", "syntax"),
    Mutation(
        "two properties on one line",
        _in("identity"),
        "name: name\n  location",
        "name: name location",
        "no comma or new line before location",
    ),
    Mutation(
        "a property twice",
        _in("identity"),
        "name: name\n",
        "name: name\n  name: name\n",
        "property name is there twice",
    ),
    Mutation("an unknown name", _in("identity"), "location: location", "location: regionn", "unknown name regionn"),
    Mutation(
        "a name twice",
        _in("identity"),
        "param tags object",
        "param tags object\nparam name string",
        "name is there twice",
    ),
    Mutation(
        "an output twice",
        _in("identity"),
        "output id string",
        "output id string = name\noutput id string",
        "output id is there twice",
    ),
    Mutation(
        "an unused parameter",
        _in("identity"),
        "param tags object",
        "param tags object\nparam more string = ''",
        "unused parameter more",
    ),
    Mutation(
        "an unused variable", _in("redis"), "resource cluster", "var more = 1\nresource cluster", "unused variable more"
    ),
    Mutation("an unknown function", _in("storage"), "guid(", "guidd(", "unknown function guidd"),
    Mutation("an unknown decorator", _in("storage"), "@allowed(", "@permitted(", "unknown decorator permitted"),
    Mutation(
        "a lambda",
        _in("alerts"),
        "= [for email in emails: {",
        "= map(emails, email => email)\nvar b = [for email in emails: {",
        "a lambda is not read",
    ),
    Mutation(
        "a typed array", _in("alerts"), "param emails array", "param emails string[]", "a typed array is not read"
    ),
    # Modules
    Mutation(
        "an unknown output of a module",
        _MAIN,
        "apiIdentity.outputs.principalId",
        "apiIdentity.outputs.principleId",
        "has no output principleId",
    ),
    Mutation(
        "a parameter of a module is missing",
        _MAIN,
        "    deploymentName: chatDeploymentName\n",
        "",
        "parameter deploymentName is missing",
    ),
    Mutation(
        "an unknown parameter of a module",
        _MAIN,
        "    haMode:",
        "    highAvailability:",
        "unknown parameter highAvailability",
    ),
    Mutation(
        "no such file", _MAIN, "./modules/storage.bicep", "./modules/store.bicep", "no file ./modules/store.bicep"
    ),
    Mutation(
        "a module of a registry",
        _MAIN,
        "'./modules/storage.bicep'",
        "'br/public:avm/res/storage/storage-account:0.9.0'",
        "is of a registry",
    ),
    # Azure's types
    Mutation(
        "an unknown type",
        _in("identity"),
        "userAssignedIdentities@",
        "userAssignedIdentitys@",
        "is not in arm-types.json",
    ),
    Mutation("no such version", _in("identity"), "@2024-11-30", "@2024-11-31", "version 2024-11-31"),
    Mutation(
        "an unknown property",
        _in("storage"),
        "allowSharedKeyAccess",
        "allowSharedKeysAccess",
        "unknown property allowSharedKeysAccess",
    ),
    Mutation(
        "an unknown property in a variable of a choice of a list",
        _in("network"),
        "addressPrefix: runnerSubnetPrefix",
        "addressRange: runnerSubnetPrefix",
        "unknown property addressRange",
    ),
    Mutation(
        "a string for a bool",
        _in("storage"),
        "allowSharedKeyAccess: false",
        "allowSharedKeyAccess: 'false'",
        "bool expected, string given",
    ),
    Mutation("a value that there is not", _in("storage"), "'StorageV2'", "'StorageV3'", "StorageV3 is none of"),
    Mutation("a required property is missing", _in("budget"), "    amount: amount\n", "", "amount is missing"),
    Mutation(
        "a read-only property",
        _in("keyvault"),
        "    enableSoftDelete: true",
        "    enableSoftDelete: true\n    hsmPoolResourceId: 'x'",
        "hsmPoolResourceId is read-only",
    ),
    # Secrets and keys
    Mutation(
        "a key in an output",
        _in("storage"),
        "output id",
        "output k string = storage.listKeys().keys[0].value\noutput id",
        "a key is read",
    ),
    Mutation(
        "a key in a setting",
        _in("functionapp"),
        "    LOG_LEVEL:",
        "    KEY: listKeys(storageId, '2025-06-01').keys[0].value\n    LOG_LEVEL:",
        "a key is read",
    ),
    Mutation(
        "a password in an output",
        _in("postgres"),
        "output id",
        "output adminPassword string = name\noutput id",
        "is a secret",
    ),
    Mutation(
        "a connection string",
        _in("functionapp"),
        "AzureWebJobsStorage__blobServiceUri: blobUri",
        "AzureWebJobsStorage: 'AccountName=a;AccountKey=b'",
        "a key in a connection string",
    ),
    Mutation(
        "a reference to the vault",
        _in("functionapp"),
        "LOG_LEVEL: logLevel",
        "LOG_LEVEL: '@Microsoft.KeyVault(SecretUri=x)'",
        "references to the vault",
    ),
    Mutation(
        "shared keys",
        _in("storage"),
        "allowSharedKeyAccess: false",
        "allowSharedKeyAccess: true",
        "allowSharedKeyAccess is true",
    ),
    Mutation("public blobs", _in("storage"), "publicAccess: 'None'", "publicAccess: 'Blob'", "publicAccess is 'Blob'"),
    Mutation("old TLS", _in("storage"), "TLS1_2", "TLS1_0", "minimumTlsVersion is 'TLS1_0'"),
    Mutation(
        "no purge protection",
        _in("keyvault"),
        "lockEnabled ? true : null",
        "lockEnabled ? null : true",
        "enablePurgeProtection is null",
    ),
    Mutation(
        "a vault that nobody asked to keep",
        _in("keyvault"),
        "param lockEnabled bool = true",
        "param lockEnabled bool = false",
        "enablePurgeProtection is null",
    ),
    Mutation(
        "keys for the model",
        _in("openai"),
        "disableLocalAuth: true",
        "disableLocalAuth: false",
        "disableLocalAuth is false",
    ),
    Mutation(
        "keys for Web PubSub",
        _in("webpubsub"),
        "disableLocalAuth: true",
        "disableLocalAuth: false",
        "disableLocalAuth is false",
    ),
    Mutation(
        "anonymous connections",
        _in("webpubsub"),
        "anonymousConnectPolicy: 'deny'",
        "anonymousConnectPolicy: 'allow'",
        "anonymousConnectPolicy is 'allow'",
    ),
    Mutation(
        "keys for Redis",
        _in("redis"),
        "accessKeysAuthentication: 'Disabled'",
        "accessKeysAuthentication: 'Enabled'",
        "accessKeysAuthentication is 'Enabled'",
    ),
    Mutation(
        "Redis without TLS",
        _in("redis"),
        "clientProtocol: 'Encrypted'",
        "clientProtocol: 'Plaintext'",
        "clientProtocol is 'Plaintext'",
    ),
    Mutation(
        "keys for traces",
        _in("monitoring"),
        "DisableLocalAuth: true",
        "DisableLocalAuth: false",
        "DisableLocalAuth is false",
    ),
    Mutation(
        "passwords for the database",
        _in("postgres"),
        "passwordAuth: 'Disabled'",
        "passwordAuth: 'Enabled'",
        "passwordAuth is 'Enabled'",
    ),
    Mutation(
        "a login of the database",
        _in("postgres"),
        "    version: version",
        "    version: version\n    administratorLogin: name",
        "the database has no password",
    ),
    Mutation(
        "a database before anybody who could own it",
        _in("postgres"),
        "    admins\n",
        "    configurations\n",
        "database does not wait for",
    ),
    # Open doors
    Mutation(
        "a public database",
        _in("postgres"),
        "param publicNetworkAccess string = 'Disabled'",
        "param publicNetworkAccess string = 'Enabled'",
        "publicNetworkAccess is 'Enabled'",
    ),
    Mutation(
        "an open storage",
        _in("storage"),
        "param defaultAction string = 'Deny'",
        "param defaultAction string = 'Allow'",
        "defaultAction is 'Allow'",
    ),
    Mutation(
        "a plan in one zone",
        _in("functionapp"),
        "param zoneRedundant bool = true",
        "param zoneRedundant bool = false",
        "zoneRedundant is false",
    ),
    Mutation("plain HTTP", _in("functionapp"), "httpsOnly: true", "httpsOnly: false", "httpsOnly is false"),
    Mutation(
        "an unknown role",
        _in("storage"),
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        "b7e6dc6d-f1e8-4753-8033-000000000000",
        "is no role that may be assigned",
    ),
    Mutation("a role for the whole group", _in("storage"), "  scope: storage\n", "", "scope is missing"),
    Mutation(
        "the retired Redis",
        _in("redis"),
        "Microsoft.Cache/redisEnterprise@2025-07-01",
        "Microsoft.Cache/redis@2024-11-01",
        "closed to new tenants",
    ),
    Mutation(
        "a setting that Flex refuses",
        _in("functionapp"),
        "    LOG_LEVEL:",
        "    WEBSITE_RUN_FROM_PACKAGE: '1'\n    LOG_LEVEL:",
        "WEBSITE_RUN_FROM_PACKAGE is not for Flex",
    ),
    Mutation(
        "a way in by FTP, which Flex has none of",
        _in("functionapp"),
        "      http20Enabled: true",
        "      ftpsState: 'Disabled'\n      http20Enabled: true",
        "ftpsState is not for Flex",
    ),
    Mutation(
        "a runtime where Flex does not look for it",
        _in("functionapp"),
        "      http20Enabled: true",
        "      linuxFxVersion: 'PYTHON|3.13'\n      http20Enabled: true",
        "linuxFxVersion is not for Flex",
    ),
)
