param name string
param planName string
param location string
param tags object

@description('The identities it runs as: resource ids. The migration identity is never among them.')
param apiIdentityId string
param apiIdentityClientId string
param systemIdentityId string
param systemIdentityClientId string

param pythonVersion string
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int
@description('Instances for HTTP that are always there.')
param alwaysReadyHttp int = 0
@description('Requests that one instance answers at the same time.')
param httpConcurrency int
@allowed(['Recreate', 'RollingUpdate'])
param siteUpdateStrategy string = 'Recreate'
param zoneRedundant bool = true
@description('Subnet for what it calls. Empty for none.')
param subnetId string = ''
@description('Origins whose pages may call it, as in https://app.example.com.')
param allowedOrigins array

param blobUri string
param queueUri string
param tableUri string
param packageContainerUri string
param traceDestination string
@description('The share of traces that is kept, 0 to 1.')
param traceRatio string
param keyVaultUri string
param postgresHost string
param postgresPort int
param postgresDatabase string
param redisHost string
param redisPort int
param webPubSubEndpoint string
@description('Empty for no language model: rules alone.')
param openAiEndpoint string = ''
param chatDeploymentName string = ''
param aiMonthlyBudgetUsd int
param apiBaseUrl string = ''
param appBaseUrl string
@allowed(['strict', 'lax', 'none'])
param cookieSameSite string
param mailFrom string = ''
param logLevel string = 'INFO'
@description('Settings beyond these, by name. docs/configuration.md lists what there is.')
param extraSettings object = {}

var ownBaseUrl = 'https://${app.properties.defaultHostName}/api'

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${apiIdentityId}': {}
      '${systemIdentityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    clientCertEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      cors: {
        allowedOrigins: allowedOrigins
        supportCredentials: true
      }
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUri
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: apiIdentityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: pythonVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttp == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttp }]
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
      siteUpdateStrategy: {
        type: siteUpdateStrategy
      }
    }
  }
}

// Secrets are not here: the app reads them from the vault when it starts, as its identity.
resource settings 'Microsoft.Web/sites/config@2025-05-01' = {
  parent: app
  name: 'appsettings'
  properties: union({
    AzureWebJobsStorage__blobServiceUri: blobUri
    AzureWebJobsStorage__queueServiceUri: queueUri
    AzureWebJobsStorage__tableServiceUri: tableUri
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: apiIdentityClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: traceDestination
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${apiIdentityClientId};Authorization=AAD'
    AZURE_CLIENT_ID: apiIdentityClientId
    SYSTEM_CLIENT_ID: systemIdentityClientId
    KEY_VAULT_URI: keyVaultUri
    POSTGRES_HOST: postgresHost
    POSTGRES_PORT: string(postgresPort)
    POSTGRES_DATABASE: postgresDatabase
    POSTGRES_USER: 'srecopilot_app'
    POSTGRES_SYSTEM_USER: 'srecopilot_system'
    REDIS_HOST: redisHost
    REDIS_PORT: string(redisPort)
    WEBPUBSUB_ENDPOINT: webPubSubEndpoint
    AZURE_OPENAI_ENDPOINT: openAiEndpoint
    MODEL_DEPLOYMENT: empty(openAiEndpoint) ? '' : chatDeploymentName
    AI_MONTHLY_BUDGET_USD: string(aiMonthlyBudgetUsd)
    API_BASE_URL: empty(apiBaseUrl) ? ownBaseUrl : apiBaseUrl
    APP_BASE_URL: appBaseUrl
    COOKIE_SAMESITE: cookieSameSite
    MAIL_FROM: mailFrom
    OTEL_TRACES_SAMPLER_ARG: traceRatio
    LOG_LEVEL: logLevel
  }, extraSettings)
}

output id string = app.id
output name string = app.name
output hostName string = app.properties.defaultHostName
output baseUrl string = empty(apiBaseUrl) ? ownBaseUrl : apiBaseUrl
