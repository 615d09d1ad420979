param functionAppName string
param location string
param tags object
@description('A name that is bound to the app already: it is asked for by the authority that signs.')
param hostName string

resource app 'Microsoft.Web/sites@2025-05-01' existing = {
  name: functionAppName
}

resource certificate 'Microsoft.Web/sites/certificates@2025-05-01' = {
  parent: app
  name: replace(hostName, '.', '-')
  location: location
  tags: tags
  properties: {
    canonicalName: hostName
    domainValidationMethod: 'cname'
  }
}

output thumbprint string = certificate.properties.thumbprint
