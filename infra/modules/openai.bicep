@description('Name of the account, and of its subdomain.')
param name string
param location string
param tags object
@description('Name of the deployment; the functions know nothing but this.')
param deploymentName string
param modelName string
param modelVersion string
@description('GlobalStandard, DataZoneStandard (data stay in the zone) or Standard (in the region).')
param modelSku string = 'GlobalStandard'
@description('Thousands of tokens a minute.')
param capacity int
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string = 'Disabled'
@allowed(['Allow', 'Deny'])
param defaultAction string = 'Deny'
@description('Principal of the identity that the functions run as.')
param principalId string

var cognitiveServicesOpenAiUser = '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd'

resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'OpenAI'
  sku: {
    name: 'S0'
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: publicNetworkAccess
    restrictOutboundNetworkAccess: true
    networkAcls: {
      defaultAction: defaultAction
    }
  }
}

resource chat 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {
  parent: account
  name: deploymentName
  sku: {
    name: modelSku
    capacity: capacity
  }
  properties: {
    model: {
      format: 'OpenAI'
      name: modelName
      version: modelVersion
    }
    versionUpgradeOption: 'OnceCurrentVersionExpired'
  }
}

resource user 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, cognitiveServicesOpenAiUser)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', cognitiveServicesOpenAiUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
