//! What kind of file something is, by what is in it: its name may say anything.

/// The media type of a file that a case takes; none for programs and what nobody can look at.
pub(super) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let starts = |with: &[u8]| bytes.starts_with(with);
    let at = |from: usize, what: &[u8]| bytes.get(from..from + what.len()) == Some(what);
    Some(match () {
        () if starts(b"\x89PNG\r\n\x1a\n") => "image/png",
        () if starts(b"\xff\xd8\xff") => "image/jpeg",
        () if starts(b"GIF87a") || starts(b"GIF89a") => "image/gif",
        () if starts(b"RIFF") && at(8, b"WEBP") => "image/webp",
        () if starts(b"RIFF") && at(8, b"WAVE") => "audio/wav",
        () if starts(b"RIFF") && at(8, b"AVI ") => "video/x-msvideo",
        () if at(4, b"ftypheic") || at(4, b"ftypheix") || at(4, b"ftypmif1") => "image/heic",
        () if at(4, b"ftypavif") => "image/avif",
        () if at(4, b"ftypM4A") => "audio/mp4",
        () if at(4, b"ftyp") => "video/mp4",
        () if starts(b"\x1a\x45\xdf\xa3") => "video/webm",
        () if starts(b"OggS") => "audio/ogg",
        () if starts(b"ID3") || starts(b"\xff\xfb") || starts(b"\xff\xf3") => "audio/mpeg",
        () if starts(b"#!AMR") => "audio/amr",
        () if starts(b"%PDF-") => "application/pdf",
        () if starts(b"PK\x03\x04") => "application/zip", // Office files and exported chats too.
        () if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => "application/x-ole-storage",
        () if starts(b"#!") => return None,
        () if is_text(bytes) => "text/plain",
        () => return None,
    })
}

/// Text in UTF-8, UTF-16 with its mark, or another encoding without control characters.
fn is_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return bytes.len().is_multiple_of(2);
    }
    !bytes.iter().any(|it| matches!(it, 0..=8 | 14..=26 | 28..=31 | 127))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_what_is_in_them() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"\0\0\0\x18ftypisom", Some("video/mp4")),
            (b"%PDF-1.7", Some("application/pdf")),
            ("聊天记录\n14:30 客服：请发验证码".as_bytes(), Some("text/plain")),
            (b"\xc4\xe3\xba\xc3", Some("text/plain")), // GB 18030
            (b"MZ\x90\0\x03\0", None),
            (b"\x7fELF\x02\x01", None),
            (b"#!/bin/sh\nrm", None),
            (b"\0\0\0\0", None),
        ] {
            assert_eq!(media_type(bytes), kind, "{bytes:?}");
        }
    }
}
