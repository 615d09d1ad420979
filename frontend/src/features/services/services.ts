import type { Model } from '@/api'
import { api, byCursor } from '@/api'

export type Service = Model<'Page_ServiceOut_'>['items'][number]
export type Node = Model<'ServiceNode'>
export type Dependency = Model<'DependencyOut'>

export const titleOf = ({ name, display_name }: { name: string; display_name: string }) => display_name || name

/** The catalogue, a page at a time; of one owner, if one is given. */
export const useServices = (owner: string) =>
  api.useInfiniteQuery('get', '/services', { params: { query: { limit: 100, ...(owner ? { owner } : {}) } } }, byCursor)

/** All services with what fails on them, and who calls whom. */
export const useServiceMap = () => api.useQuery('get', '/service-map')

/** All that shows services, to be asked for anew after a change. */
export const STALE = ['/services', '/services/{service_id}', '/service-map'] as const
