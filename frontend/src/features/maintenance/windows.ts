import type { Model } from '@/api'

export type Window = Model<'MaintenanceWindowOut'>
export type Matcher = Model<'MatcherOut'>

export const STALE = ['/maintenance-windows'] as const
