/** The repository of an image reference, without tag and digest; a registry's port is not a tag. */
export const repositoryOf = (image: string): string => image.replace(/@.*$/, '').replace(/:[^/:]+$/, '')
