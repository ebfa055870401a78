import sharp from 'sharp'

// One picture at a time per process; the pool gives the parallelism, so libvips' own threads and its
// operation cache would only blur the memory cap.
sharp.concurrency(1)
sharp.cache(false)

// Whatever sniffing lets through, only these decoders exist. UltraHDR is left out on purpose: the plain JPEG
// loader reads the same file's SDR picture at a fraction of the cost.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
})

export { sharp }
