param name string
@description('One of the few regions that have static web apps; the content itself is everywhere.')
param location string
param tags object
@allowed(['Free', 'Standard'])
param skuName string = 'Standard'
@description('Its own name, as in app.example.com, whose CNAME leads to the default host name. Empty for none.')
param hostName string = ''

resource site 'Microsoft.Web/staticSites@2024-11-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: skuName
    tier: skuName
  }
  properties: {
    allowConfigFileUpdates: true
    publicNetworkAccess: 'Enabled'
    stagingEnvironmentPolicy: 'Enabled'
  }
}

resource domain 'Microsoft.Web/staticSites/customDomains@2024-11-01' = if (!empty(hostName)) {
  parent: site
  name: empty(hostName) ? 'none' : hostName
  properties: {
    validationMethod: 'cname-delegation'
  }
}

output name string = site.name
output hostName string = site.properties.defaultHostname
output origin string = 'https://${empty(hostName) ? site.properties.defaultHostname : hostName}'
