param location string
param tags object
@description('What the names begin with; that of the part follows.')
param namePrefix string
param subnetId string
@description('What becomes reachable from the network: {group, serviceId, zoneName}. A group is a part of a service that has an endpoint of its own; its name leads there in the zone, which network.bicep makes.')
param services array

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' existing = [for service in services: {
  name: service.zoneName
}]

resource endpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [for service in services: {
  name: '${namePrefix}-${service.group}'
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: service.group
        properties: {
          privateLinkServiceId: service.serviceId
          groupIds: [
            service.group
          ]
        }
      }
    ]
  }
}]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [for (service, i) in services: {
  parent: endpoints[i]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: service.group
        properties: {
          privateDnsZoneId: zones[i].id
        }
      }
    ]
  }
}]
