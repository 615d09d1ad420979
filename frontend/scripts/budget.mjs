// What a browser must fetch before the board can show: the entry, the shell and the board with all they import
// statically, at most 200 kB of JavaScript after gzip. Other pages, charts and the like come later, each in its own file.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET = 200_000 // bytes
const FIRST = ['src/app/Shell.tsx', 'src/features/board/BoardPage.tsx']

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'))
const initial = new Set()
const visit = (name) => {
  if (initial.has(name)) return
  initial.add(name)
  for (const imported of manifest[name].imports ?? []) visit(imported)
}
for (const [name, chunk] of Object.entries(manifest)) if (chunk.isEntry || FIRST.includes(name)) visit(name)

const files = [...initial].map((name) => manifest[name].file).filter((file) => file.endsWith('.js'))
const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(`dist/${file}`)).length, 0)
const told = `initial JavaScript: ${(size / 1000).toFixed(1)} kB gzip in ${files.length} files, of ${BUDGET / 1000} kB`
if (size > BUDGET) {
  console.error(`${told}: too much. Load what the first page does not need with import().`)
  process.exit(1)
}
console.log(told)
