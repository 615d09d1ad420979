param name string
param location string
param tags object
param skuName string = 'Standard_ZRS'
@description('Principal of the identity that the functions run as.')
param principalId string
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string = 'Disabled'
@allowed(['Allow', 'Deny'])
param defaultAction string = 'Deny'
@description('IPv4 addresses that may reach it in spite of that.')
param allowedAddresses array = []
@description('Days for which deleted blobs and containers can be brought back.')
param deleteRetentionDays int = 14

var queueNames = [
  'alerts'
  'alerts-poison'
  'changes'
  'changes-poison'
  'hypotheses'
  'hypotheses-poison'
  'transitions'
  'transitions-poison'
  'notifications'
  'notifications-poison'
  'audit'
  'audit-poison'
]
var tableNames = [
  'apicalls'
]
var packageContainer = 'app-package'
var containerNames = [
  packageContainer
  'audit-seals'
]
// The host keeps leases and packages in blobs, its triggers read and write queues, and calls are audited in a table.
var roleIds = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
]
var addressRules = [for address in allowedAddresses: {
  action: 'Allow'
  value: address
}]

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: skuName
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: defaultAction
      ipRules: addressRules
    }
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: storage
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: deleteRetentionDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: deleteRetentionDays
    }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [for containerName in containerNames: {
  parent: blobService
  name: containerName
  properties: {
    publicAccess: 'None'
  }
}]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: storage
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [for queueName in queueNames: {
  parent: queueService
  name: queueName
}]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: storage
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [for tableName in tableNames: {
  parent: tableService
  name: tableName
}]

resource roles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for roleId in roleIds: {
  name: guid(storage.id, principalId, roleId)
  scope: storage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

output id string = storage.id
output name string = storage.name
output blobUri string = storage.properties.primaryEndpoints.blob
output queueUri string = storage.properties.primaryEndpoints.queue
output tableUri string = storage.properties.primaryEndpoints.table
output packageContainerUri string = '${storage.properties.primaryEndpoints.blob}${packageContainer}'
