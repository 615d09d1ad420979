@description('The function app; its plan has to be Flex Consumption, where certificates belong to the app.')
param functionAppName string
@description('The name, as in api.example.com. DNS needs two records before: CNAME to the default host name, and TXT asuid.NAME with the verification id.')
param hostName string
@description('Thumbprint of the certificate for it. Empty while there is none.')
param certificateThumbprint string = ''

resource app 'Microsoft.Web/sites@2025-05-01' existing = {
  name: functionAppName
}

resource binding 'Microsoft.Web/sites/hostNameBindings@2025-05-01' = {
  parent: app
  name: hostName
  properties: {
    hostNameType: 'Verified'
    customHostNameDnsRecordType: 'CName'
    sslState: empty(certificateThumbprint) ? 'Disabled' : 'SniEnabled'
    thumbprint: empty(certificateThumbprint) ? null : certificateThumbprint
  }
}
