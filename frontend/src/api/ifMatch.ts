/** The header that lets a change through only while the thing is still the version that the person saw. */
export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` })
