import { api, ifMatch, lookAgain, type Model } from '@/api'
import { text } from '@/text'
import { notifyDone, tellRefusal } from '@/ui'

export type Tenant = Model<'TenantOut'>

/** Changes the organisation as the person saw it, and says what came of it. */
export function useTenantChange(tenant: Tenant) {
  const { mutate, isPending, error } = api.useMutation('patch', '/tenant', {
    onSuccess: async () => {
      await lookAgain('/tenant')
      notifyDone(text.common.saved)
    },
    onError: (failure: unknown) => tellRefusal(failure, '/tenant'),
  })
  const params = { header: ifMatch(tenant.version) }
  return { change: (body: Model<'TenantPatch'>) => mutate({ params, body }), isPending, error }
}
