import { access } from './access'
import { account } from './account'
import { analytics } from './analytics'
import { audit } from './audit'
import { board } from './board'
import { common } from './common'
import { hypotheses, pipeline } from './hypotheses'
import { incident } from './incident'
import { integrations } from './integrations'
import { maintenance } from './maintenance'
import { problems } from './problems'
import { services } from './services'
import { channels, keys, organisation, people, policies, settings } from './settings'
import { shell } from './shell'
import { timeline } from './timeline'

/** Every English sentence of the app, by feature. What has a number or a name in it is a function. */
export const text = {
  access,
  account,
  analytics,
  audit,
  board,
  channels,
  common,
  hypotheses,
  incident,
  integrations,
  keys,
  maintenance,
  organisation,
  people,
  pipeline,
  policies,
  problems,
  services,
  settings,
  shell,
  timeline,
}
