param name string
param location string
param tags object
@allowed(['Free_F1', 'Standard_S1', 'Premium_P1'])
param skuName string
param units int = 1
@description('Whether publishing is for the network alone; browsers connect from everywhere all the same.')
param isPrivate bool = true
@description('Principal of the identity that the functions run as.')
param principalId string
@description('Whether it tells the API of clients that come and go. The API must be deployed before, for it is asked whether it agrees.')
param eventsEnabled bool = false
@description('Address of the API, without a slash at the end.')
param apiUri string

var webPubSubServiceOwner = '12cf5a90-567b-43ae-8102-96cf46c7d9b4'
var eventHandlers = [
  {
    urlTemplate: '${apiUri}/realtime/events'
    systemEvents: [
      'connected'
      'disconnected'
    ]
    auth: {
      type: 'None'
    }
  }
]
var publicRequests = [
  'ServerConnection'
  'RESTAPI'
  'Trace'
]

resource service 'Microsoft.SignalRService/webPubSub@2024-03-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: skuName
    capacity: units
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    disableLocalAuth: true
    disableAadAuth: false
    publicNetworkAccess: 'Enabled'
    networkACLs: {
      defaultAction: 'Allow'
      publicNetwork: {
        deny: isPrivate ? publicRequests : []
      }
    }
    tls: {
      clientCertEnabled: false
    }
  }
}

resource hub 'Microsoft.SignalRService/webPubSub/hubs@2024-03-01' = {
  parent: service
  name: 'srecopilot'
  properties: {
    anonymousConnectPolicy: 'deny'
    eventHandlers: eventsEnabled ? eventHandlers : []
  }
}

resource owner 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(service.id, principalId, webPubSubServiceOwner)
  scope: service
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', webPubSubServiceOwner)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

output id string = service.id
output endpoint string = 'https://${service.properties.hostName}'
