import type { Model } from '@/api'
import type { Kind } from './snippets'

export type Integration = Model<'IntegrationOut'>
export type Check = Model<'Page_CheckOut_'>['items'][number]

/** All that shows integrations, to be asked for anew after a change. */
export const STALE = ['/integrations', '/integrations/{integration_id}'] as const

export const KINDS: Kind[] = ['alertmanager', 'grafana', 'prometheus', 'generic', 'changes']
