param location string
param tags object
param virtualNetworkName string
param securityGroupName string
param addressPrefix string
param appSubnetPrefix string
param endpointSubnetPrefix string
@description('For machines that deploy, such as a pipeline\'s runner. Empty for no such subnet.')
param runnerSubnetPrefix string = ''
@description('Address ranges besides the functions\' whose machines may reach the endpoints, in this network or a peered one.')
param operatorNetworks array = []
@description('Private DNS zones that the network resolves.')
param zoneNames array

// Here and not by hand: a deployment removes subnets that the network does not name.
var runnerSubnet = {
  name: 'runners'
  properties: {
    addressPrefix: runnerSubnetPrefix
    networkSecurityGroup: {
      id: securityGroup.id
    }
  }
}

resource securityGroup 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: securityGroupName
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'allow-clients'
        properties: {
          description: 'The functions, runners and operators reach the endpoints: HTTPS, PostgreSQL, PgBouncer, Redis.'
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefixes: concat([appSubnetPrefix], empty(runnerSubnetPrefix) ? [] : [runnerSubnetPrefix], operatorNetworks)
          sourcePortRange: '*'
          destinationAddressPrefix: endpointSubnetPrefix
          destinationPortRanges: [
            '443'
            '5432'
            '6432'
            '10000'
          ]
        }
      }
      {
        name: 'deny-other-inbound'
        properties: {
          description: 'Nothing else does, neighbours in the network included.'
          priority: 4096
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: virtualNetworkName
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: concat([
      {
        name: 'app'
        properties: {
          addressPrefix: appSubnetPrefix
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: endpointSubnetPrefix
          privateEndpointNetworkPolicies: 'Enabled'
          networkSecurityGroup: {
            id: securityGroup.id
          }
        }
      }
    ], empty(runnerSubnetPrefix) ? [] : [runnerSubnet])
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for zoneName in zoneNames: {
  name: zoneName
  location: 'global'
  tags: tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (zoneName, i) in zoneNames: {
  parent: zones[i]
  name: virtualNetworkName
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: virtualNetwork.id
    }
  }
}]
