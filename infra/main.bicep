targetScope = 'subscription'

metadata description = 'SRE Copilot: functions, database, cache, live events, language model, secrets, monitoring, and the app for browsers.'

@minLength(1)
@maxLength(64)
@description('Name of the environment. It names the resource group.')
param environmentName string
@minLength(1)
@description('Region of everything that does not say otherwise.')
param location string
@allowed(['dev', 'prod'])
@description('Sets the sizes below: small and public with Entra sign-in, or redundant and private.')
param environmentType string = 'dev'
@description('Tags for every resource, such as owner, costCenter, dataClassification.')
param tags object = {}
@description('Names instead of the generated ones, by the keys of the variable `name`.')
param names object = {}

@description('Who deploys, by object id: may put secrets into the vault. Empty for nobody.')
param principalId string = ''
@allowed(['User', 'Group', 'ServicePrincipal'])
param principalType string = 'User'
@description('Sign-in name of that principal, to make it an administrator of the database as well. Empty for not.')
param databaseAdminName string = ''
@description('Who may sign in as the migration identity without a secret: the issuer of OpenID Connect tokens.')
param migrationIssuer string = 'https://token.actions.githubusercontent.com'
@description('The subject of those tokens, as in repo:ORG/REPO:environment:prod. Empty for nobody.')
param migrationSubject string = ''

@description('Whether the services are private: reached from a network of their own, by private endpoints.')
param vnetEnabled bool = environmentType == 'prod'
@description('IPv4 addresses from which people and pipelines reach database and vault in spite of that.')
param operatorAddresses array = []
@description('Address ranges, of the network or a peered one, from which machines such as a pipeline\'s runner reach the private services.')
param operatorNetworks array = []
param virtualNetworkPrefix string = '10.42.0.0/16'
param appSubnetPrefix string = '10.42.0.0/24'
param endpointSubnetPrefix string = '10.42.1.0/24'
@description('Subnet for the runner of a pipeline, which reaches the private services from there. Empty for none.')
param runnerSubnetPrefix string = '10.42.2.0/27'

@description('A domain, as in example.com, for app.example.com and api.example.com, whose records lead here already. Empty for the default names.')
param customDomain string = ''
@description('Whether a deployment has bound that domain already.')
param customDomainBound bool = false

param pythonVersion string = '3.13'
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048
@minValue(40)
@maxValue(1000)
@description('Instances at most. Times 7 connections, it has to fit what the database takes.')
param maximumInstanceCount int = environmentType == 'prod' ? 100 : 40
@description('Instances for HTTP that are always there. A zone-redundant plan takes none, or two and more.')
param alwaysReadyHttp int = environmentType == 'prod' ? 2 : 0
@description('Requests that one instance answers at the same time.')
param httpConcurrency int = 32
@allowed(['Recreate', 'RollingUpdate'])
@description('RollingUpdate is a preview: old and new code overlap for up to an hour.')
param siteUpdateStrategy string = 'Recreate'
@description('Whether plan and storage survive the loss of a zone.')
param zoneRedundant bool = environmentType == 'prod'
@description('Settings of the functions beyond those that follow from the resources. docs/configuration.md lists them.')
param extraSettings object = {}
@description('Who e-mail is from. It needs the secret smtp-url in the vault. Empty for no e-mail.')
param mailFrom string = ''
@description('The share of traces that is kept, 0 to 1.')
param traceRatio string = environmentType == 'prod' ? '0.1' : '1'
@description('Whether Web PubSub tells the API of clients that come and go. It asks the API first, so only once that is deployed.')
param webPubSubEvents bool = false

param postgresVersion string = '18'
param postgresSkuName string = environmentType == 'prod' ? 'Standard_D2ds_v5' : 'Standard_B2s'
@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param postgresSkuTier string = environmentType == 'prod' ? 'GeneralPurpose' : 'Burstable'
param postgresStorageGb int = environmentType == 'prod' ? 128 : 32
@allowed(['Disabled', 'SameZone', 'ZoneRedundant'])
param postgresHaMode string = environmentType == 'prod' ? 'ZoneRedundant' : 'Disabled'
@minValue(7)
@maxValue(35)
param postgresBackupDays int = environmentType == 'prod' ? 35 : 7
@allowed(['Enabled', 'Disabled'])
@description('Backups in the paired region too. Decided when the server is made, and never again.')
param postgresGeoBackup string = 'Disabled'
@description('Connections above which somebody is told: 80 % of what the server gives to users.')
param postgresConnectionsLimit int = environmentType == 'prod' ? 675 : 331
param databaseName string = 'srecopilot'

param redisSkuName string = environmentType == 'prod' ? 'Balanced_B1' : 'Balanced_B0'
@allowed(['Enabled', 'Disabled'])
param redisHighAvailability string = environmentType == 'prod' ? 'Enabled' : 'Disabled'
@allowed(['Free_F1', 'Standard_S1', 'Premium_P1'])
param webPubSubSku string = environmentType == 'prod' ? 'Standard_S1' : 'Free_F1'
param webPubSubUnits int = 1
@allowed(['Free', 'Standard'])
param staticWebAppSku string = environmentType == 'prod' ? 'Standard' : 'Free'
@description('Static web apps are made in few regions; their content is everywhere.')
param staticWebAppLocation string = 'westeurope'

@description('Whether to make a language model. Without it, openAiEndpoint may name one that is there.')
param deployOpenAi bool = true
@description('Region of the language model, where not every model is everywhere. Empty for that of the rest.')
param openAiLocation string = ''
@description('An account that is there already; give the functions\' identity the role Cognitive Services OpenAI User on it.')
param openAiEndpoint string = ''
param chatDeploymentName string = 'chat'
@description('No default: models retire, and a template that names one would fail some day.')
param chatModelName string
param chatModelVersion string
@description('GlobalStandard, DataZoneStandard (data stay in the zone) or Standard (in the region).')
param chatSku string = 'GlobalStandard'
@description('Thousands of tokens a minute.')
param chatCapacity int = environmentType == 'prod' ? 50 : 10
@description('Dollars that each tenant may spend on the model a month, until its owner sets a limit.')
param aiMonthlyBudgetUsd int = 20

param logRetentionDays int = environmentType == 'prod' ? 90 : 30
@description('Gigabytes of logs a day after which no more are taken.')
param logDailyCapGb int = environmentType == 'prod' ? 10 : 1
@description('Who is told when something goes wrong in Azure, and of the budget.')
param alertEmails array = []
@description('What all this may cost a month, in the currency of the subscription.')
param monthlyBudget int = environmentType == 'prod' ? 2000 : 150
@description('First day of a month, as in 2026-12-01. Empty for the current one. It cannot be changed: give later deployments what the output BUDGET_START_DATE tells.')
param budgetStartDate string = ''
@description('Not to be given.')
param thisMonth string = utcNow('yyyy-MM-01')

var abbreviations = loadJsonContent('./abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var allTags = union(tags, { 'azd-env-name': environmentName })
var budgetStart = empty(budgetStartDate) ? thisMonth : budgetStartDate
var isProd = environmentType == 'prod'
var name = union({
  resourceGroup: '${abbreviations.resourceGroup}${environmentName}'
  apiIdentity: '${abbreviations.identity}api-${token}'
  systemIdentity: '${abbreviations.identity}system-${token}'
  migrationIdentity: '${abbreviations.identity}migrate-${token}'
  workspace: '${abbreviations.logAnalytics}${token}'
  appInsights: '${abbreviations.applicationInsights}${token}'
  actionGroup: '${abbreviations.actionGroup}${token}'
  budget: '${abbreviations.budget}${token}'
  virtualNetwork: '${abbreviations.virtualNetwork}${token}'
  securityGroup: '${abbreviations.networkSecurityGroup}${token}'
  privateEndpoint: '${abbreviations.privateEndpoint}${token}'
  storage: '${abbreviations.storage}${token}'
  keyVault: '${abbreviations.keyVault}${token}'
  postgres: '${abbreviations.postgres}${token}'
  redis: '${abbreviations.managedRedis}${token}'
  webPubSub: '${abbreviations.webPubSub}${token}'
  openAi: '${abbreviations.openAi}${token}'
  plan: '${abbreviations.functionPlan}${token}'
  functionApp: '${abbreviations.functionApp}${token}'
  staticWebApp: '${abbreviations.staticWebApp}${token}'
}, names)

var zone = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  vault: 'privatelink.vaultcore.azure.net'
  postgres: 'privatelink.postgres.database.azure.com'
  redis: 'privatelink.redis.azure.net'
  webPubSub: 'privatelink.webpubsub.azure.com'
  openAi: 'privatelink.openai.azure.com'
}
var publicAccess = vnetEnabled ? 'Disabled' : 'Enabled'
var operatorAccess = vnetEnabled && empty(operatorAddresses) ? 'Disabled' : 'Enabled'
var defaultAction = vnetEnabled ? 'Deny' : 'Allow'
var operatorRanges = [for address in operatorAddresses: {
  name: 'operator-${replace(address, '.', '-')}'
  start: address
  end: address
}]
// Without a network of their own the functions come from anywhere in Azure. Who connects still needs an Entra token.
var azureRange = {
  name: 'azure-services'
  start: '0.0.0.0'
  end: '0.0.0.0'
}
var deployerAsAdmin = {
  objectId: principalId
  name: databaseAdminName
  type: principalType
}

// Computed, and not outputs of modules that may not be there.
var networkResources = {
  appSubnet: resourceId(subscription().subscriptionId, name.resourceGroup, 'Microsoft.Network/virtualNetworks/subnets', name.virtualNetwork, 'app')
  endpointSubnet: resourceId(subscription().subscriptionId, name.resourceGroup, 'Microsoft.Network/virtualNetworks/subnets', name.virtualNetwork, 'endpoints')
}
var openAiId = resourceId(subscription().subscriptionId, name.resourceGroup, 'Microsoft.CognitiveServices/accounts', name.openAi)
var modelEndpoint = deployOpenAi ? 'https://${name.openAi}.openai.azure.com' : openAiEndpoint

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: name.resourceGroup
  location: location
  tags: allTags
}

// What serves HTTP and queues; at the database, the role srecopilot_app.
module apiIdentity './modules/identity.bicep' = {
  name: 'api-identity'
  scope: group
  params: {
    name: name.apiIdentity
    location: location
    tags: allTags
  }
}

// The same functions' second one: at the database, the role srecopilot_system, and nothing anywhere else.
module systemIdentity './modules/identity.bicep' = {
  name: 'system-identity'
  scope: group
  params: {
    name: name.systemIdentity
    location: location
    tags: allTags
  }
}

// Owns the schema. The functions do not have it, so no request can ever get the owner's token.
module migrationIdentity './modules/identity.bicep' = {
  name: 'migration-identity'
  scope: group
  params: {
    name: name.migrationIdentity
    location: location
    tags: allTags
    federatedIssuer: migrationIssuer
    federatedSubject: migrationSubject
  }
}

module monitoring './modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: allTags
    workspaceName: name.workspace
    appInsightsName: name.appInsights
    retentionInDays: logRetentionDays
    dailyCapGb: logDailyCapGb
    publisherPrincipalId: apiIdentity.outputs.principalId
  }
}

module network './modules/network.bicep' = if (vnetEnabled) {
  name: 'network'
  scope: group
  params: {
    location: location
    tags: allTags
    virtualNetworkName: name.virtualNetwork
    securityGroupName: name.securityGroup
    addressPrefix: virtualNetworkPrefix
    appSubnetPrefix: appSubnetPrefix
    endpointSubnetPrefix: endpointSubnetPrefix
    runnerSubnetPrefix: runnerSubnetPrefix
    operatorNetworks: operatorNetworks
    zoneNames: [
      zone.blob
      zone.queue
      zone.table
      zone.vault
      zone.postgres
      zone.redis
      zone.webPubSub
      zone.openAi
    ]
  }
}

module storage './modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: name.storage
    location: location
    tags: allTags
    skuName: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
    principalId: apiIdentity.outputs.principalId
    publicNetworkAccess: operatorAccess
    defaultAction: defaultAction
    allowedAddresses: operatorAddresses
  }
}

module keyVault './modules/keyvault.bicep' = {
  name: 'key-vault'
  scope: group
  params: {
    name: name.keyVault
    location: location
    tags: allTags
    publicNetworkAccess: operatorAccess
    defaultAction: defaultAction
    allowedAddresses: operatorAddresses
    readerPrincipalId: apiIdentity.outputs.principalId
    writerPrincipalId: principalId
    writerPrincipalType: principalType
    lockEnabled: isProd
  }
}

module postgres './modules/postgres.bicep' = {
  name: 'postgres'
  scope: group
  params: {
    name: name.postgres
    location: location
    tags: allTags
    version: postgresVersion
    skuName: postgresSkuName
    skuTier: postgresSkuTier
    storageGb: postgresStorageGb
    databaseName: databaseName
    haMode: postgresHaMode
    backupRetentionDays: postgresBackupDays
    geoRedundantBackup: postgresGeoBackup
    publicNetworkAccess: operatorAccess
    firewallRanges: vnetEnabled ? operatorRanges : concat([azureRange], operatorRanges)
    pgBouncerEnabled: postgresSkuTier != 'Burstable'
    // Who migrates comes first: the database shall be theirs.
    administrators: concat(empty(databaseAdminName) ? [] : [deployerAsAdmin], [
      {
        objectId: migrationIdentity.outputs.principalId
        name: migrationIdentity.outputs.name
        type: 'ServicePrincipal'
      }
    ])
    lockEnabled: isProd
  }
}

module redis './modules/redis.bicep' = {
  name: 'redis'
  scope: group
  params: {
    name: name.redis
    location: location
    tags: allTags
    skuName: redisSkuName
    highAvailability: redisHighAvailability
    publicNetworkAccess: publicAccess
    principalId: apiIdentity.outputs.principalId
  }
}

module webPubSub './modules/webpubsub.bicep' = {
  name: 'web-pubsub'
  scope: group
  params: {
    name: name.webPubSub
    location: location
    tags: allTags
    skuName: webPubSubSku
    units: webPubSubUnits
    isPrivate: vnetEnabled
    principalId: apiIdentity.outputs.principalId
    eventsEnabled: webPubSubEvents
    apiUri: empty(customDomain) ? 'https://${name.functionApp}.azurewebsites.net/api' : 'https://api.${customDomain}/api'
  }
}

module openAi './modules/openai.bicep' = if (deployOpenAi) {
  name: 'openai'
  scope: group
  params: {
    name: name.openAi
    location: empty(openAiLocation) ? location : openAiLocation
    tags: allTags
    deploymentName: chatDeploymentName
    modelName: chatModelName
    modelVersion: chatModelVersion
    modelSku: chatSku
    capacity: chatCapacity
    publicNetworkAccess: publicAccess
    defaultAction: defaultAction
    principalId: apiIdentity.outputs.principalId
  }
}

module privateEndpoints './modules/private-endpoints.bicep' = if (vnetEnabled) {
  name: 'private-endpoints'
  scope: group
  params: {
    location: location
    tags: allTags
    namePrefix: name.privateEndpoint
    subnetId: networkResources.endpointSubnet
    services: concat([
      { group: 'blob', serviceId: storage.outputs.id, zoneName: zone.blob }
      { group: 'queue', serviceId: storage.outputs.id, zoneName: zone.queue }
      { group: 'table', serviceId: storage.outputs.id, zoneName: zone.table }
      { group: 'vault', serviceId: keyVault.outputs.id, zoneName: zone.vault }
      { group: 'postgresqlServer', serviceId: postgres.outputs.id, zoneName: zone.postgres }
      { group: 'redisEnterprise', serviceId: redis.outputs.id, zoneName: zone.redis }
      { group: 'webpubsub', serviceId: webPubSub.outputs.id, zoneName: zone.webPubSub }
    ], deployOpenAi ? [{ group: 'account', serviceId: openAiId, zoneName: zone.openAi }] : [])
  }
  dependsOn: [
    network
    openAi
  ]
}

module staticWebApp './modules/staticwebapp.bicep' = {
  name: 'static-web-app'
  scope: group
  params: {
    name: name.staticWebApp
    location: staticWebAppLocation
    tags: union(allTags, { 'azd-service-name': 'web' })
    skuName: staticWebAppSku
    hostName: empty(customDomain) ? '' : 'app.${customDomain}'
  }
}

module functionApp './modules/functionapp.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: name.functionApp
    planName: name.plan
    location: location
    tags: union(allTags, { 'azd-service-name': 'api' })
    apiIdentityId: apiIdentity.outputs.id
    apiIdentityClientId: apiIdentity.outputs.clientId
    systemIdentityId: systemIdentity.outputs.id
    systemIdentityClientId: systemIdentity.outputs.clientId
    pythonVersion: pythonVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyHttp: alwaysReadyHttp
    httpConcurrency: httpConcurrency
    siteUpdateStrategy: siteUpdateStrategy
    zoneRedundant: zoneRedundant
    subnetId: vnetEnabled ? networkResources.appSubnet : ''
    allowedOrigins: [
      staticWebApp.outputs.origin
    ]
    blobUri: storage.outputs.blobUri
    queueUri: storage.outputs.queueUri
    tableUri: storage.outputs.tableUri
    packageContainerUri: storage.outputs.packageContainerUri
    traceDestination: monitoring.outputs.traceDestination
    traceRatio: traceRatio
    keyVaultUri: keyVault.outputs.uri
    postgresHost: postgres.outputs.host
    postgresPort: postgres.outputs.port
    postgresDatabase: databaseName
    redisHost: redis.outputs.host
    redisPort: redis.outputs.port
    webPubSubEndpoint: webPubSub.outputs.endpoint
    openAiEndpoint: modelEndpoint
    chatDeploymentName: chatDeploymentName
    aiMonthlyBudgetUsd: aiMonthlyBudgetUsd
    apiBaseUrl: empty(customDomain) ? '' : 'https://api.${customDomain}/api'
    appBaseUrl: staticWebApp.outputs.origin
    cookieSameSite: empty(customDomain) ? 'none' : 'lax'
    mailFrom: mailFrom
    extraSettings: extraSettings
  }
  dependsOn: [
    network
    privateEndpoints
  ]
}

module apiDomain './modules/custom-domain.bicep' = if (!empty(customDomain)) {
  name: 'custom-domain'
  scope: group
  params: {
    functionAppName: functionApp.outputs.name
    location: location
    tags: allTags
    hostName: 'api.${customDomain}'
    isBound: customDomainBound
  }
}

module diagnostics './modules/diagnostics.bicep' = {
  name: 'diagnostics'
  scope: group
  params: {
    workspaceId: monitoring.outputs.workspaceId
    postgresName: name.postgres
    redisName: name.redis
    webPubSubName: name.webPubSub
    keyVaultName: name.keyVault
    storageName: name.storage
    openAiName: name.openAi
    openAiEnabled: deployOpenAi
  }
  dependsOn: [
    postgres
    redis
    webPubSub
    keyVault
    storage
    openAi
  ]
}

module alerts './modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: allTags
    actionGroupName: name.actionGroup
    emails: alertEmails
    workspaceId: monitoring.outputs.workspaceId
    appInsightsId: monitoring.outputs.appInsightsId
    postgresId: postgres.outputs.id
    postgresConnectionsLimit: postgresConnectionsLimit
    redisId: redis.outputs.id
    webPubSubId: webPubSub.outputs.id
    openAiId: openAiId
    openAiEnabled: deployOpenAi
  }
  dependsOn: [
    diagnostics
    openAi
  ]
}

module budget './modules/budget.bicep' = {
  name: 'budget'
  scope: group
  params: {
    name: name.budget
    amount: monthlyBudget
    startDate: budgetStart
    emails: alertEmails
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output ENVIRONMENT_TYPE string = environmentType
output SERVICE_API_NAME string = functionApp.outputs.name
output SERVICE_API_URI string = functionApp.outputs.baseUrl
output SERVICE_API_HOST_NAME string = functionApp.outputs.hostName
output SERVICE_WEB_NAME string = staticWebApp.outputs.name
// What a CNAME of app.DOMAIN leads to.
output SERVICE_WEB_HOST_NAME string = staticWebApp.outputs.hostName
output SERVICE_WEB_URI string = staticWebApp.outputs.origin
// The app for browsers is built with it.
output VITE_API_URL string = functionApp.outputs.baseUrl
output API_IDENTITY_NAME string = apiIdentity.outputs.name
output API_IDENTITY_CLIENT_ID string = apiIdentity.outputs.clientId
output API_IDENTITY_PRINCIPAL_ID string = apiIdentity.outputs.principalId
output SYSTEM_IDENTITY_NAME string = systemIdentity.outputs.name
output SYSTEM_IDENTITY_CLIENT_ID string = systemIdentity.outputs.clientId
output SYSTEM_IDENTITY_PRINCIPAL_ID string = systemIdentity.outputs.principalId
output MIGRATION_IDENTITY_NAME string = migrationIdentity.outputs.name
output MIGRATION_IDENTITY_CLIENT_ID string = migrationIdentity.outputs.clientId
output POSTGRES_HOST string = postgres.outputs.host
output POSTGRES_DATABASE string = databaseName
output REDIS_HOST string = redis.outputs.host
output WEBPUBSUB_ENDPOINT string = webPubSub.outputs.endpoint
output AZURE_OPENAI_ENDPOINT string = modelEndpoint
output MODEL_DEPLOYMENT string = empty(modelEndpoint) ? '' : chatDeploymentName
output KEY_VAULT_NAME string = keyVault.outputs.name
output KEY_VAULT_URI string = keyVault.outputs.uri
output STORAGE_ACCOUNT_NAME string = storage.outputs.name
// azd keeps it, and gives it to the next deployment.
output BUDGET_START_DATE string = budgetStart
output LOG_ANALYTICS_WORKSPACE_ID string = monitoring.outputs.workspaceId
