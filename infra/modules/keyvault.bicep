param name string
param location string
param tags object
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string = 'Disabled'
@allowed(['Allow', 'Deny'])
param defaultAction string = 'Deny'
@description('IPv4 addresses that may reach it in spite of that.')
param allowedAddresses array = []
@description('Principal of the identity that the functions run as: reads secrets.')
param readerPrincipalId string
@description('Principal of whoever puts secrets in. Empty for nobody.')
param writerPrincipalId string = ''
@allowed(['User', 'Group', 'ServicePrincipal'])
param writerPrincipalType string = 'User'
@description('Whether it is kept: locked, and for 90 days after a deletion, in which nobody can purge it or use its name.')
param lockEnabled bool = true

var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var keyVaultSecretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
var addressRules = [for address in allowedAddresses: {
  value: address
}]

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    // Azure refuses false.
    enablePurgeProtection: lockEnabled ? true : null
    softDeleteRetentionInDays: lockEnabled ? 90 : 7
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: defaultAction
      ipRules: addressRules
    }
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, readerPrincipalId, keyVaultSecretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource writer 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(writerPrincipalId)) {
  name: guid(vault.id, writerPrincipalId, keyVaultSecretsOfficer)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsOfficer)
    principalId: writerPrincipalId
    principalType: writerPrincipalType
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (lockEnabled) {
  name: 'keep'
  scope: vault
  properties: {
    level: 'CanNotDelete'
    notes: 'Stored credentials cannot be read without its keys. Remove this lock first, and know why.'
  }
}

output id string = vault.id
output name string = vault.name
output uri string = vault.properties.vaultUri
