param name string
param location string
param tags object
param version string = '18'
param skuName string
@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param skuTier string
param storageGb int
param databaseName string
@allowed(['Disabled', 'SameZone', 'ZoneRedundant'])
param haMode string = 'Disabled'
@minValue(7)
@maxValue(35)
param backupRetentionDays int = 35
@allowed(['Enabled', 'Disabled'])
param geoRedundantBackup string = 'Disabled'
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string = 'Disabled'
@description('Who may connect where it is public: {name, start, end}, IPv4 addresses.')
param firewallRanges array = []
@description('PgBouncer on port 6432. Burstable servers have none.')
param pgBouncerEnabled bool
@description('Entra principals that administer it, {objectId, name, type}: the migration identity, which owns the schema, and people.')
param administrators array
param lockEnabled bool = true

var parameters = [
  {
    name: 'require_secure_transport'
    value: 'on'
  }
  {
    name: 'ssl_min_protocol_version'
    value: 'TLSv1.2'
  }
  {
    name: 'log_min_duration_statement'
    value: '1000'
  }
]
var pgBouncerParameters = [
  {
    name: 'pgbouncer.enabled'
    value: 'true'
  }
  {
    name: 'pgbouncer.pool_mode'
    value: 'TRANSACTION'
  }
  {
    // Ingest keeps its plans (POSTGRES_PREPARES); 0, the default, would not let it.
    name: 'pgbouncer.max_prepared_statements'
    value: '100'
  }
]

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: skuName
    tier: skuTier
  }
  properties: {
    version: version
    createMode: 'Default'
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: {
      storageSizeGB: storageGb
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: backupRetentionDays
      geoRedundantBackup: geoRedundantBackup
    }
    highAvailability: {
      mode: haMode
    }
    network: {
      publicNetworkAccess: publicNetworkAccess
    }
    maintenanceWindow: {
      customWindow: 'Enabled'
      dayOfWeek: 0
      startHour: 3
      startMinute: 0
    }
  }
}

// The server takes one change at a time, so each part waits for the one before.
@batchSize(1)
resource firewall 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = [for addresses in firewallRanges: {
  parent: server
  name: addresses.name
  properties: {
    startIpAddress: addresses.start
    endIpAddress: addresses.end
  }
}]

@batchSize(1)
resource configurations 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01' = [for parameter in concat(parameters, pgBouncerEnabled ? pgBouncerParameters : []): {
  parent: server
  name: parameter.name
  properties: {
    value: parameter.value
    source: 'user-override'
  }
  dependsOn: [
    firewall
  ]
}]

@batchSize(1)
resource admins 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01' = [for administrator in administrators: {
  parent: server
  name: administrator.objectId
  properties: {
    principalName: administrator.name
    principalType: administrator.type
    tenantId: tenant().tenantId
  }
  dependsOn: [
    configurations
  ]
}]

// After the administrators, so that it belongs to one of them. Else it is the platform's, and nobody may migrate.
resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = {
  parent: server
  name: databaseName
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
  dependsOn: [
    admins
  ]
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (lockEnabled) {
  name: 'keep'
  scope: server
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds every incident. Remove this lock first, and know why.'
  }
}

output id string = server.id
output host string = server.properties.fullyQualifiedDomainName
output port int = pgBouncerEnabled ? 6432 : 5432
