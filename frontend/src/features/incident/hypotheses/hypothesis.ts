import type { Model } from '@/api'
import type { Series } from './plot'

/** A model of the API with its series as the client's types have them. */
type Measured<Item> = Omit<Item, 'series'> & { series: Series | null }

export type Evidence = Measured<Model<'EvidenceOut'>>
export type Hypothesis = Omit<Model<'HypothesisOut'>, 'evidence'> & { evidence: Measured<Model<'CitedOut'>>[] }
export type Found = Omit<Model<'HypothesesOut'>, 'items' | 'evidence'> & { items: Hypothesis[]; evidence: Evidence[] }
