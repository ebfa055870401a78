/** Sizes that both sides check. Text lengths are in Unicode code points, bytes in bytes. */
export const limits = {
  captionLength: 2200,
  commentLength: 1000,
  bioLength: 150,
  fullNameLength: 100,
  passkeyNameLength: 60,
  passkeysPerAccount: 20,
  placeLength: 200,
  altTextLength: 1500,
  moderationNoteLength: 500,
  suspensionReasonLength: 500,
  instanceNameLength: 60,
  instanceTextLength: 2000,
  instanceRules: 20,
  instanceRuleLength: 300,
  instanceContactLength: 200,
  instanceTermsLength: 20_000,
  instanceLanguages: 12,
  usernameLength: 30,
  emailLength: 255,
  passwordMin: 8,
  passwordMax: 256,
  hashtagsPerCaption: 30,
  hashtagLength: 100,
  mentionsPerText: 20,
  hiddenWords: 200,
  hiddenWordLength: 100,
  mediaPerPost: 10,
  /** Of a side: less is a slip of the finger, and a few pixels are no photograph. */
  cropMin: 0.01,
  /** Lists up to here are answered with what is wrong with them; longer ones are not a request. */
  mediaPerRequest: 100,
  photoBytes: 100 * 1024 * 1024,
  avatarBytes: 20 * 1024 * 1024,
  captionsBytes: 1024 * 1024,
  /** Five minutes as WAV, which some browsers record. */
  voiceBytes: 64 * 1024 * 1024,
  voiceSeconds: 300,
  storySeconds: 60,
  /** Of one file that shows who somebody is. */
  evidenceBytes: 10 * 1024 * 1024,
  evidencePerRequest: 4,
  verificationLinks: 5,
  /** What one person's uploads may at least declare together while they are not part of anything yet. */
  waitingUploadBytes: 2 * 1024 ** 3,
  signalsPerRequest: 100,
  messageLength: 2000,
  attachmentsPerMessage: 10,
  /** In a group, with who made it. */
  conversationMembers: 32,
  conversationNameLength: 100,
  overlaysPerStory: 20,
  overlayTextLength: 250,
  /** Of one person, not expired. */
  storiesAtOnce: 100,
  storiesPerHighlight: 100,
  highlightsPerAccount: 100,
  highlightTitleLength: 30,
  /** People whom one's Stories are hidden from. */
  storyHiddenFrom: 1000,
  /** Whom the tray shows at most. */
  trayRings: 500,
  /** Of what a browser gives for pushing to it. */
  pushEndpointLength: 2000,
  pushSubscriptions: 20,
  /** Unseen notifications are counted up to here. */
  unreadCount: 100,
  pageSize: 20,
  pageSizeMax: 50,
} as const

/** Renditions: widths in pixels, caps in bytes (the design study's pipeline). */
export const renditions = {
  thumbnail: { width: 150, maxBytes: 30_000 },
  medium: { width: 640, maxBytes: 200_000 },
  large: { width: 1080, maxBytes: 500_000 },
  fallback: { width: 1080, maxBytes: 500_000 },
} as const

/** Of Stories: the frame of a tall phone screen, within which a picture lies, and the cap of each file. */
export const storyFrame = { width: 720, height: 1280, maxBytes: 150_000 } as const

/** Of messages: as it was taken, within this box. */
export const messageFrame = { width: 1080, height: 1920, maxBytes: 500_000 } as const

export const avatarSizes = [64, 150, 320] as const

/** Allowed width / height of a shown photograph: 4:5 (tall) to 1.91:1 (wide). */
export const aspectRatio = { min: 4 / 5, max: 1.91 } as const
