using './main.bicep'

// Small, public with Entra sign-in, without redundancy: main.bicep says what follows from the type.
param environmentType = 'dev'
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'sre-copilot-dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param principalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param principalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User')
param databaseAdminName = readEnvironmentVariable('DATABASE_ADMIN_NAME', '')
param migrationSubject = readEnvironmentVariable('MIGRATION_SUBJECT', '')
param customDomain = readEnvironmentVariable('CUSTOM_DOMAIN', '')
param customDomainBound = bool(readEnvironmentVariable('CUSTOM_DOMAIN_BOUND', 'false'))

param openAiLocation = readEnvironmentVariable('OPENAI_LOCATION', '')
param chatModelName = 'gpt-5.4-mini'
param chatModelVersion = '2026-03-17'
param chatSku = 'GlobalStandard'
param chatCapacity = 10

param budgetStartDate = readEnvironmentVariable('BUDGET_START_DATE', '')
param tags = {
  owner: 'sre'
  costCenter: 'development'
  dataClassification: 'internal'
}
