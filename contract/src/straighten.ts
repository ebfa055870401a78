export interface Frame {
  /** Pixels of the upright picture. */
  left: number
  top: number
  width: number
  height: number
}

/**
 * What a turned picture shows in place of a frame: the frame's middle and shape, made smaller until all four
 * corners lie in the picture, whose content turns clockwise by so many degrees. Without a turn it is the frame.
 */
export function straightenedFrame(
  picture: { width: number; height: number },
  frame: Frame,
  degrees: number,
): Frame {
  const [sin, cos] = sinAndCos(degrees)
  const [middleX, middleY] = [frame.left + frame.width / 2, frame.top + frame.height / 2]
  const reachX = (frame.width * cos + frame.height * sin) / 2
  const reachY = (frame.width * sin + frame.height * cos) / 2
  const roomX = Math.min(middleX, picture.width - middleX)
  const roomY = Math.min(middleY, picture.height - middleY)
  const scale = degrees === 0 ? 1 : Math.min(1, roomX / reachX, roomY / reachY)
  const [width, height] = [frame.width * scale, frame.height * scale]
  return { left: middleX - width / 2, top: middleY - height / 2, width, height }
}

/** The upright box around a turned frame: the pixels that are needed of the picture. */
export function boxAround(frame: Frame, degrees: number): Frame {
  const [sin, cos] = sinAndCos(degrees)
  const width = frame.width * cos + frame.height * sin
  const height = frame.width * sin + frame.height * cos
  return {
    left: frame.left + (frame.width - width) / 2,
    top: frame.top + (frame.height - height) / 2,
    width,
    height,
  }
}

/** Of the angle without its direction. */
function sinAndCos(degrees: number): [sin: number, cos: number] {
  const angle = (Math.abs(degrees) * Math.PI) / 180
  return [Math.sin(angle), Math.cos(angle)]
}
