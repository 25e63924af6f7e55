export { FIGURES, type FigureDeclaration, figureOf } from './declarations.js'
export { clientPlace } from './place.js'
export { type FolderFigures, figuresOf, readFigures } from './run.js'
export { shortLabel } from './short.js'
