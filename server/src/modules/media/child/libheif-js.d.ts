/** The part of libheif's C interface that decode-heic.ts calls. Struct results go through a first pointer. */
declare module 'libheif-js/wasm-bundle.js' {
  interface LibHeif {
    readonly HEAPU8: Uint8Array
    _malloc(size: number): number
    _free(pointer: number): void
    _heif_context_alloc(): number
    _heif_context_free(context: number): void
    _heif_context_read_from_memory_without_copy(
      error: number,
      context: number,
      data: number,
      size: number,
      options: number,
    ): void
    _heif_context_get_primary_image_handle(error: number, context: number, out: number): void
    _heif_image_handle_release(handle: number): void
    _heif_image_handle_get_width(handle: number): number
    _heif_image_handle_get_height(handle: number): number
    _heif_image_handle_get_color_profile_type(handle: number): number
    _heif_image_handle_get_raw_color_profile_size(handle: number): number
    _heif_image_handle_get_raw_color_profile(error: number, handle: number, out: number): void
    _heif_image_handle_get_nclx_color_profile(error: number, handle: number, out: number): void
    _heif_nclx_color_profile_free(profile: number): void
    _heif_image_handle_get_list_of_metadata_block_IDs(
      handle: number,
      typeFilter: number,
      ids: number,
      count: number,
    ): number
    _heif_image_handle_get_metadata_size(handle: number, id: number): number
    _heif_image_handle_get_metadata(error: number, handle: number, id: number, out: number): void
    _heif_decode_image(
      error: number,
      handle: number,
      out: number,
      colorspace: number,
      chroma: number,
      options: number,
    ): void
    _heif_image_release(image: number): void
    _heif_image_get_width(image: number, channel: number): number
    _heif_image_get_height(image: number, channel: number): number
    _heif_image_get_plane_readonly(image: number, channel: number, stride: number): number
    /** The library's own way, for comparison: test/corpus/differential.ts. */
    HeifDecoder: new () => { decode(bytes: Uint8Array): HeifImage[] }
  }
  interface HeifImage {
    get_width(): number
    get_height(): number
    display(
      target: { data: Uint8ClampedArray; width: number; height: number },
      done: (shown: object | null) => void,
    ): void
    free(): void
  }
  const libheif: LibHeif
  export = libheif
}
