//! Regions, their pages, and the blocks in them.

use super::sizes::{CLASSES, SIZES};

pub const PAGE: usize = 4096;
pub const REGION: usize = 256 * 1024;
/// Pages of a region, the first of which is its own.
pub const PAGES: usize = REGION / PAGE;

const WASM_PAGE: usize = 64 * 1024;
/// All regions of a memory of 4 GiB.
const MOST_REGIONS: usize = 16_384;

const ABSENT: u8 = 0;
const FREE: u8 = 1;
const PAGED: u8 = 2;
const WHOLE: u8 = 3;

/// What is known of a page that holds blocks.
#[derive(Clone, Copy)]
#[repr(C)]
struct Page {
    /// One bit for each block in use.
    used: [u64; 4],
    /// Neighbours in the list of pages of its class that have room; 0 for none.
    previous: u32,
    next: u32,
    count: u16,
}

/// The first page of a region. All zero, it says that all others are free.
#[repr(C)]
struct Head {
    /// One bit for each page in use; that of the first page is not kept.
    taken: u64,
    pages: [Page; PAGES],
}

const _: () = assert!(size_of::<Head>() <= PAGE);

pub struct Regions {
    kinds: [u8; MOST_REGIONS],
    /// Regions below this index have no free page.
    first: usize,
    /// One past the last region that there is.
    end: usize,
    /// For each class a page with room, the head of a list; 0 for none.
    rooms: [u32; CLASSES],
    /// Whether somebody asked in vain.
    pub is_refused: bool,
}

extern "C" {
    static __heap_base: u8;
}

fn head(address: usize) -> &'static mut Head {
    unsafe { &mut *((address & !(REGION - 1)) as *mut Head) }
}

fn page(address: usize) -> &'static mut Page {
    &mut head(address).pages[(address & (REGION - 1)) / PAGE]
}

impl Regions {
    pub const fn new() -> Self {
        Self { kinds: [ABSENT; MOST_REGIONS], first: 0, end: 0, rooms: [0; CLASSES], is_refused: false }
    }

    /// A block of a class.
    pub fn block(&mut self, class: usize) -> Option<usize> {
        let mut at = self.rooms[class] as usize;
        if at == 0 {
            at = self.pages(1)?;
            self.link(at, class);
        }
        let most = PAGE / SIZES[class];
        let page = page(at);
        let (word, bits) = page.used.iter().enumerate().find(|(_, bits)| **bits != u64::MAX)?;
        let bit = (!bits).trailing_zeros() as usize;
        page.used[word] |= 1 << bit;
        page.count += 1;
        if usize::from(page.count) == most {
            self.unlink(at, class);
        }
        Some(at + (word * 64 + bit) * SIZES[class])
    }

    pub fn free_block(&mut self, address: usize, class: usize) {
        let at = address & !(PAGE - 1);
        let most = PAGE / SIZES[class];
        let index = (address - at) / SIZES[class];
        let page = page(at);
        page.used[index / 64] &= !(1 << (index % 64));
        let was_full = usize::from(page.count) == most;
        page.count -= 1;
        if page.count == 0 {
            if !was_full {
                self.unlink(at, class);
            }
            self.free_pages(at, 1);
        } else if was_full {
            self.link(at, class);
        }
    }

    fn link(&mut self, at: usize, class: usize) {
        let next = self.rooms[class];
        page(at).next = next;
        page(at).previous = 0;
        if next != 0 {
            page(next as usize).previous = at as u32;
        }
        self.rooms[class] = at as u32;
    }

    fn unlink(&mut self, at: usize, class: usize) {
        let Page { previous, next, .. } = *page(at);
        match previous {
            0 => self.rooms[class] = next,
            _ => page(previous as usize).next = next,
        }
        if next != 0 {
            page(next as usize).previous = previous;
        }
        page(at).previous = 0;
        page(at).next = 0;
    }

    /// Some pages in a row, less than a region has.
    pub fn pages(&mut self, count: usize) -> Option<usize> {
        let mut index = self.first;
        let mut is_first = true;
        while index < self.end {
            if self.kinds[index] == PAGED || self.kinds[index] == FREE {
                let taken = &mut head(index * REGION).taken;
                let free = !*taken & !1;
                if is_first && free != 0 {
                    self.first = index;
                    is_first = false;
                }
                if let Some(from) = run_of(free, count) {
                    *taken |= mask(from, count);
                    self.kinds[index] = PAGED;
                    return Some(index * REGION + from * PAGE);
                }
            }
            index += 1;
        }
        let index = self.grow(1)?;
        if is_first {
            self.first = index;
        }
        head(index * REGION).taken = mask(1, count);
        self.kinds[index] = PAGED;
        Some(index * REGION + PAGE)
    }

    pub fn free_pages(&mut self, address: usize, count: usize) {
        let index = address / REGION;
        let taken = &mut head(address).taken;
        *taken &= !mask((address & (REGION - 1)) / PAGE, count);
        if *taken == 0 {
            self.kinds[index] = FREE;
        }
        self.first = self.first.min(index);
    }

    /// Some whole regions in a row.
    pub fn whole(&mut self, count: usize) -> Option<usize> {
        let mut run = 0;
        for index in self.first.min(self.end)..self.end {
            run = if self.kinds[index] == FREE { run + 1 } else { 0 };
            if run == count {
                return Some(self.take(index + 1 - count, count));
            }
        }
        // What is free at the end is the beginning of it.
        let grown = self.grow(count - run)?;
        Some(self.take(grown - run, count))
    }

    fn take(&mut self, from: usize, count: usize) -> usize {
        self.kinds[from..from + count].fill(WHOLE);
        from * REGION
    }

    pub fn free_whole(&mut self, address: usize, count: usize) {
        let index = address / REGION;
        self.kinds[index..index + count].fill(FREE);
        self.first = self.first.min(index);
    }

    /// Adds free regions at the end; the index of the first.
    fn grow(&mut self, count: usize) -> Option<usize> {
        let base = &raw const __heap_base as usize;
        let from = self.end.max(base.div_ceil(REGION));
        let to = (from + count).checked_mul(REGION)?;
        if from + count > MOST_REGIONS {
            return None;
        }
        let have = core::arch::wasm32::memory_size(0) * WASM_PAGE;
        if to > have {
            let missing = (to - have).div_ceil(WASM_PAGE);
            if core::arch::wasm32::memory_grow(0, missing) == usize::MAX {
                return None;
            }
        }
        self.kinds[from..from + count].fill(FREE);
        self.end = from + count;
        Some(from)
    }
}

/// The first place of so many set bits in a row.
fn run_of(free: u64, count: usize) -> Option<usize> {
    let mut runs = free;
    let mut have = 1;
    while have < count && runs != 0 {
        let step = have.min(count - have);
        runs &= runs >> step;
        have += step;
    }
    (runs != 0).then(|| runs.trailing_zeros() as usize)
}

fn mask(from: usize, count: usize) -> u64 {
    (u64::MAX >> (64 - count)) << from
}
