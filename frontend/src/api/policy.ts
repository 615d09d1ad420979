/**
 * The headers that the app is served with, for an API elsewhere: pages may call its origin too. An API of the same
 * origin, as `/api`, needs nothing.
 */
export function allowingApi(headers: string, apiUrl: string | undefined): string {
  if (!apiUrl?.startsWith('http')) {
    return headers
  }
  const allowed = headers.replace("connect-src 'self'", `connect-src 'self' ${new URL(apiUrl).origin}`)
  if (allowed === headers) {
    throw new Error("The content security policy has no connect-src 'self' to add the API to.")
  }
  return allowed
}

/** Refuses to build for an environment of Azure without the address of its API, which is never the app's own there. */
export function demandApi({ AZURE_ENV_NAME: environment, VITE_API_URL: apiUrl }: Record<string, string | undefined>) {
  if (environment && !apiUrl) {
    throw new Error(`VITE_API_URL is not set: where the API of ${environment} is. Deploy the resources first.`)
  }
}
