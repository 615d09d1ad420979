import { useNavigate } from '@tanstack/react-router'
import { client } from '@/api'
import { notifyError } from '@/ui'
import { forgetEverything } from './me'
import { tellTabs } from './tabs'

/** Signs out, here or everywhere, and goes to where one signs in. */
export function useSignOut({ everywhere }: { everywhere: boolean }) {
  const navigate = useNavigate()
  return async () => {
    try {
      await client.POST('/auth/logout', { body: { everywhere } })
    } catch (error) {
      notifyError(error)
      return
    }
    tellTabs('signed-out')
    await navigate({ to: '/sign-in' })
    forgetEverything()
  }
}
