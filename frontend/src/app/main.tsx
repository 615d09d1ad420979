import '@fontsource-variable/inter/index.css'
import '@mantine/core/styles.css'
import './theme.css'

import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from '@/api'
import { router } from './router'
import { theme } from './theme'

const Notifications = lazy(async () => ({ default: (await import('@/ui/toasts')).Notifications }))
const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

const app = (
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Suspense fallback={null}>
          <Notifications position="bottom-right" limit={4} />
        </Suspense>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>
)

// Until the first page is there, what index.html shows stays: nobody looks at nothing.
void router.load().finally(() => createRoot(root).render(app))
