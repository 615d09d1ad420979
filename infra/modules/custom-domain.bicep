param functionAppName string
param location string
param tags object
@description('Name of the API, as in api.example.com. DNS needs two records before: CNAME to the default host name, and TXT asuid.NAME with the verification id.')
param hostName string
@description('Whether the name is bound already. The first binding, without a certificate, is left out then, for it would unbind the certificate for a moment.')
param isBound bool

module name './api-host-name.bicep' = if (!isBound) {
  name: 'api-host-name'
  params: {
    functionAppName: functionAppName
    hostName: hostName
  }
}

module certificate './api-certificate.bicep' = {
  name: 'api-certificate'
  params: {
    functionAppName: functionAppName
    location: location
    tags: tags
    hostName: hostName
  }
  dependsOn: [
    name
  ]
}

module binding './api-host-name.bicep' = {
  name: 'api-certificate-binding'
  params: {
    functionAppName: functionAppName
    hostName: hostName
    certificateThumbprint: certificate.outputs.thumbprint
  }
}
