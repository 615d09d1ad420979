import { text } from '@/text'
import { KeysHelp as Help } from '@/ui/KeysHelp'

const words = text.board.keys

/** Which keys do what on the board. */
export default function KeysHelp() {
  return <Help label={words.button} keys={words.moves} />
}
