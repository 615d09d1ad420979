import { text } from '@/text'
import { KeysHelp as Help } from '@/ui/KeysHelp'

const words = text.board.keys

type Props = { opened: boolean; onChange: (opened: boolean) => void }

/** Which keys do what on the board. */
export default function KeysHelp(props: Props) {
  return <Help label={words.button} keys={words.moves} {...props} />
}
