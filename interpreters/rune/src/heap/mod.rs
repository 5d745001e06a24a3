//! The allocator. What is free is zero, and what it knows of blocks lies apart from them: so a page that nobody uses is
//! all zero, and the state of a loaded plugin, which is copied for each call, holds little more than what lives.
//!
//! Memory is cut into regions of 256 KiB. A region serves pages of 4 KiB, its own first page says which are in use; a page
//! holds blocks of one size. What is larger than a region's pages takes whole regions.

mod region;
mod sizes;

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;

use region::{Regions, PAGE, PAGES, REGION};
use sizes::{class_of, CLASSES, MOST_SMALL, SIZES};

pub struct Heap(UnsafeCell<Regions>);

// There is one thread.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new(Regions::new()));

/// Whether memory was ever refused. A copy of which that is true is not used again, so nothing takes it back.
pub fn was_refused() -> bool {
    unsafe { (*HEAP.0.get()).is_refused }
}

/// Where a block of a layout comes from.
enum Source {
    Class(usize),
    Pages(usize),
    Regions(usize),
}

fn source_of(layout: Layout) -> Source {
    if layout.size() <= MOST_SMALL && layout.align() <= 16 {
        return Source::Class(class_of(layout.size()));
    }
    match layout.size().div_ceil(PAGE) {
        pages if pages < PAGES => Source::Pages(pages),
        _ => Source::Regions(layout.size().div_ceil(REGION)),
    }
}

unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let regions = unsafe { &mut *self.0.get() };
        if layout.align() > PAGE {
            return core::ptr::null_mut();
        }
        let address = match source_of(layout) {
            Source::Class(class) => regions.block(class),
            Source::Pages(count) => regions.pages(count),
            Source::Regions(count) => regions.whole(count),
        };
        regions.is_refused |= address.is_none();
        address.unwrap_or(0) as *mut u8
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let regions = unsafe { &mut *self.0.get() };
        unsafe { core::ptr::write_bytes(pointer, 0, layout.size()) };
        match source_of(layout) {
            Source::Class(class) => regions.free_block(pointer as usize, class),
            Source::Pages(count) => regions.free_pages(pointer as usize, count),
            Source::Regions(count) => regions.free_whole(pointer as usize, count),
        }
    }

    /// What is free is zero already.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { self.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let new = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        let stays = match (source_of(layout), source_of(new)) {
            (Source::Class(old), Source::Class(new)) => old == new,
            (Source::Pages(old), Source::Pages(new)) | (Source::Regions(old), Source::Regions(new)) => old == new,
            _ => false,
        };
        if stays {
            if new_size < layout.size() {
                unsafe { core::ptr::write_bytes(pointer.add(new_size), 0, layout.size() - new_size) };
            }
            return pointer;
        }
        let moved = unsafe { self.alloc(new) };
        if !moved.is_null() {
            unsafe {
                core::ptr::copy_nonoverlapping(pointer, moved, layout.size().min(new_size));
                self.dealloc(pointer, layout);
            }
        }
        moved
    }
}

const _: () = assert!(SIZES.len() == CLASSES && SIZES[CLASSES - 1] == MOST_SMALL);
