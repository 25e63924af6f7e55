export declare function between(page: string, name: string, text: string): string
