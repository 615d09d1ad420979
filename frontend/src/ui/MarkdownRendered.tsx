import Parsed from 'react-markdown'
import gfm from 'remark-gfm'

// Images would tell their server who reads this, and when.
const REFUSED = ['img']

export default function MarkdownRendered({ source }: { source: string }) {
  return (
    <Parsed remarkPlugins={[gfm]} disallowedElements={REFUSED} unwrapDisallowed components={{ a: OutsideLink }}>
      {source}
    </Parsed>
  )
}

function OutsideLink({ href, children }: React.ComponentProps<'a'>) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  )
}
