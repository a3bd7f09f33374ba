/** Named, so that the bundle takes this question alone: the package brings an editor along, and the tables of every encoding. */
export { confirm } from '@inquirer/prompts'
