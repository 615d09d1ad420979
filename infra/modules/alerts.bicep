@description('What goes wrong in Azure itself. What goes wrong in the product, infra/monitoring/ watches.')
param location string
param tags object
param actionGroupName string
param emails array
param workspaceId string
param appInsightsId string
param postgresId string
@description('Connections above which somebody should look.')
param postgresConnectionsLimit int
param redisId string
param webPubSubId string
param openAiId string
param openAiEnabled bool

var mailReceivers = [for email in emails: {
  name: email
  emailAddress: email
  useCommonAlertSchema: true
}]
var metricRules = [
  {
    name: 'postgres-cpu'
    description: 'PostgreSQL has been busy for a quarter of an hour.'
    scope: postgresId
    namespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metric: 'cpu_percent'
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: 80
    window: 'PT15M'
    severity: 2
  }
  {
    name: 'postgres-storage'
    description: 'PostgreSQL is running out of storage. It becomes read-only at 95 %.'
    scope: postgresId
    namespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metric: 'storage_percent'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 80
    window: 'PT15M'
    severity: 1
  }
  {
    name: 'postgres-connections'
    description: 'PostgreSQL is running out of connections.'
    scope: postgresId
    namespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metric: 'active_connections'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: postgresConnectionsLimit
    window: 'PT5M'
    severity: 2
  }
  {
    name: 'postgres-away'
    description: 'PostgreSQL does not answer. Alerts are kept in a queue meanwhile.'
    scope: postgresId
    namespace: 'Microsoft.DBforPostgreSQL/flexibleServers'
    metric: 'is_db_alive'
    aggregation: 'Maximum'
    operator: 'LessThan'
    threshold: 1
    window: 'PT5M'
    severity: 0
  }
  {
    name: 'redis-memory'
    description: 'Redis is nearly full; it begins to forget.'
    scope: redisId
    namespace: 'Microsoft.Cache/redisEnterprise'
    metric: 'usedmemorypercentage'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 85
    window: 'PT15M'
    severity: 3
  }
  {
    name: 'webpubsub-connections'
    description: 'Web PubSub is nearly out of connections: add units.'
    scope: webPubSubId
    namespace: 'Microsoft.SignalRService/webPubSub'
    metric: 'ConnectionQuotaUtilization'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 85
    window: 'PT15M'
    severity: 3
  }
]
var logRules = [
  {
    name: 'poison-queue'
    description: 'Work has failed five times and lies in a poison queue.'
    scope: workspaceId
    query: 'StorageQueueLogs | where OperationName == "PutMessage" and StatusCode == 201 and Uri has "-poison/messages"'
    threshold: 0
    severity: 1
  }
  {
    name: 'server-errors'
    description: 'More than 5 % of at least 50 calls were answered with 5xx.'
    scope: appInsightsId
    query: 'requests | summarize calls = sum(itemCount), failed = sumif(itemCount, toint(resultCode) >= 500) by bin(timestamp, 5m) | where calls >= 50 and failed > calls * 0.05'
    threshold: 0
    severity: 1
  }
]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'srecopilot'
    enabled: true
    emailReceivers: mailReceivers
  }
}

resource metricAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [for rule in metricRules: {
  name: rule.name
  location: 'global'
  tags: tags
  properties: {
    description: rule.description
    severity: rule.severity
    enabled: true
    scopes: [
      rule.scope
    ]
    evaluationFrequency: 'PT5M'
    windowSize: rule.window
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: rule.name
          metricNamespace: rule.namespace
          metricName: rule.metric
          operator: rule.operator
          threshold: rule.threshold
          timeAggregation: rule.aggregation
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup.id
      }
    ]
  }
}]

resource modelThrottled 'Microsoft.Insights/metricAlerts@2018-03-01' = if (openAiEnabled) {
  name: 'model-throttled'
  location: 'global'
  tags: tags
  properties: {
    description: 'The language model refuses calls for their number: raise chatCapacity. Hypotheses come from rules meanwhile.'
    severity: 3
    enabled: true
    scopes: [
      openAiId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'throttled'
          metricNamespace: 'Microsoft.CognitiveServices/accounts'
          metricName: 'AzureOpenAIRequests'
          dimensions: [
            {
              name: 'StatusCode'
              operator: 'Include'
              values: [
                '429'
              ]
            }
          ]
          operator: 'GreaterThan'
          threshold: 20
          timeAggregation: 'Total'
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup.id
      }
    ]
  }
}

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in logRules: {
  name: rule.name
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: rule.name
    description: rule.description
    severity: rule.severity
    enabled: true
    scopes: [
      rule.scope
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT10M'
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: rule.threshold
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    // The tables are made by the first entry; before it, the query would be refused.
    skipQueryValidation: true
    actions: {
      actionGroups: [
        actionGroup.id
      ]
    }
  }
}]
