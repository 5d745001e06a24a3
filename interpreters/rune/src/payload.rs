//! The form of a payload in memory: a count of parts, then each with its length. Part 0 is JSON text, the others are
//! byte strings that it refers to.

/// A payload on its way out.
#[derive(Default)]
pub struct Payload {
    pub json: String,
    pub blobs: Vec<Vec<u8>>,
}

impl Payload {
    pub fn bytes(&self) -> Vec<u8> {
        let size = self.blobs.iter().map(|blob| blob.len() + 4).sum::<usize>();
        let mut bytes = Vec::with_capacity(size + self.json.len() + 8);
        bytes.extend_from_slice(&(self.blobs.len() as u32 + 1).to_le_bytes());
        for part in std::iter::once(self.json.as_bytes()).chain(self.blobs.iter().map(Vec::as_slice)) {
            bytes.extend_from_slice(&(part.len() as u32).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// The parts of a payload; none where it is cut short.
pub fn parts(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let (count, mut rest) = word(bytes)?;
    let mut parts = Vec::new();
    for _ in 0..count {
        let (size, after) = word(rest)?;
        parts.push(after.get(..size)?);
        rest = &after[size..];
    }
    Some(parts)
}

fn word(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let word: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    Some((u32::from_le_bytes(word) as usize, &bytes[4..]))
}
