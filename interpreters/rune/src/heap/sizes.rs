//! Sizes of small blocks: multiples of 16, four steps to each doubling past 128.

pub const CLASSES: usize = 24;
pub const MOST_SMALL: usize = 2048;

pub const SIZES: [usize; CLASSES] = [
    16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792,
    2048,
];

/// The class of the smallest blocks that hold so many bytes, at most [`MOST_SMALL`].
pub fn class_of(size: usize) -> usize {
    if size <= 128 {
        return size.max(1).div_ceil(16) - 1;
    }
    let last = size - 1;
    // 129..=256 is the first doubling past 128.
    let doubling = last.ilog2() as usize - 7;
    8 + doubling * 4 + ((last >> (doubling + 5)) & 3)
}
