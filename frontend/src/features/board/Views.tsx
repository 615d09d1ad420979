import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { api } from '@/api'
import { text } from '@/text'
import classes from './board.module.css'
import { type BoardSearch, isNarrowed, isSame } from './search'
import { useBoardSearch } from './useBoardSearch'

const SavedViews = lazy(() => import('./SavedViews'))
const words = text.board

const BUILT_IN: { name: string; search: BoardSearch }[] = [
  { name: words.views.open, search: {} },
  { name: words.views.mine, search: { assignee: 'me' } },
  { name: words.views.unassigned, search: { assignee: 'none' } },
  { name: words.views.closed, search: { scope: 'closed' } },
  { name: words.views.all, search: { scope: 'all' } },
]

/** Lists at hand: those that everybody has, and those that people saved. */
export function Views() {
  const { search } = useBoardSearch()
  const saved = api.useQuery('get', '/saved-views').data?.items ?? []
  const isNew = isNarrowed(search) && !BUILT_IN.some((view) => isSame(view.search, search))
  return (
    <nav className={classes.views} aria-label={words.viewsLabel}>
      {BUILT_IN.map(({ name, search: shown }) => (
        <Link
          key={name}
          to="/"
          search={shown}
          className={classes.view}
          data-current={isSame(shown, search)}
          aria-current={isSame(shown, search) ? 'page' : undefined}
        >
          {name}
        </Link>
      ))}
      {(saved.length > 0 || isNew) && (
        <Suspense fallback={null}>
          <SavedViews saved={saved} isNew={isNew} />
        </Suspense>
      )}
    </nav>
  )
}
