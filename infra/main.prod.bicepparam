using './main.bicep'

// Redundant over zones, and private: main.bicep says what follows from the type.
param environmentType = 'prod'
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'sre-copilot-prod')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param principalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param principalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'ServicePrincipal')
param databaseAdminName = readEnvironmentVariable('DATABASE_ADMIN_NAME', '')
param migrationSubject = readEnvironmentVariable('MIGRATION_SUBJECT', '')

// A cookie of app.DOMAIN reaches api.DOMAIN in every browser; between the default names it does not in all.
param customDomain = readEnvironmentVariable('CUSTOM_DOMAIN', '')
param customDomainBound = bool(readEnvironmentVariable('CUSTOM_DOMAIN_BOUND', 'false'))

param openAiLocation = readEnvironmentVariable('OPENAI_LOCATION', '')
param chatModelName = 'gpt-5.4-mini'
param chatModelVersion = '2026-03-17'
param chatSku = 'GlobalStandard'
param chatCapacity = 50

// Who is told when something goes wrong in Azure, with commas between. No default: it would be nobody.
param alertEmails = split(readEnvironmentVariable('ALERT_EMAILS'), ',')
param budgetStartDate = readEnvironmentVariable('BUDGET_START_DATE', '')
param tags = {
  owner: 'sre'
  costCenter: 'operations'
  dataClassification: 'confidential'
}
