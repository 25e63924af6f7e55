export declare function packetsOf(bytes: Buffer): readonly { readonly from: number; readonly to: number }[]
