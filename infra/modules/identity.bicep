@description('Name of the managed identity.')
param name string
param location string
param tags object

@description('Who else may sign in as it, without a secret: the issuer of OpenID Connect tokens. Empty for nobody.')
param federatedIssuer string = ''
@description('The subject of those tokens, as in repo:ORG/REPO:environment:prod.')
param federatedSubject string = ''

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

resource federation 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = if (!empty(federatedSubject)) {
  parent: identity
  name: 'pipeline'
  properties: {
    issuer: federatedIssuer
    subject: federatedSubject
    audiences: [
      'api://AzureADTokenExchange'
    ]
  }
}

output id string = identity.id
output name string = identity.name
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
