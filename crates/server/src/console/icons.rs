//! The drawings of the pages: own line drawings on a grid of 24, in the colour of the text.

/// The drawing of that name as SVG; nothing if there is none.
pub(crate) fn icon(name: &str) -> String {
    if name == "mark" {
        return MARK.to_owned();
    }
    format!("<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">{}</svg>", strokes(name))
}

/// A dark stone with the streak that gold leaves on it.
pub(crate) const MARK: &str = "<svg viewBox=\"0 0 32 32\" aria-hidden=\"true\"><path class=\"stone\" d=\"M9 3.5h12.5L29 11v10.5L22 28.5H9.5L3 21V10z\" fill=\"#23242a\"/><path class=\"streak\" d=\"M9.5 21.5c4.2-.6 9.4-5.2 13-11\" fill=\"none\" stroke=\"#d9b45b\" stroke-width=\"2.6\" stroke-linecap=\"round\"/></svg>";

fn strokes(name: &str) -> &'static str {
    match name {
        "live" => "<path d=\"M3 12h4l2.5-7 5 14 2.5-7h4\"/>",
        "review" => "<path d=\"M4 13l3-8h10l3 8v6H4z\"/><path d=\"M4 13h5a3 3 0 0 0 6 0h5\"/>",
        "campaigns" => {
            "<path d=\"M12 3l9 5-9 5-9-5z\"/><path d=\"M3 12.5l9 5 9-5\"/><path d=\"M3 17l9 5 9-5\"/>"
        }
        "rules" => "<path d=\"M12 4v16M7 20h10M5 7h14\"/><path d=\"M5 7l-3 7h6zM19 7l-3 7h6z\"/>",
        "search" => "<circle cx=\"11\" cy=\"11\" r=\"6.5\"/><path d=\"M16 16l5 5\"/>",
        "audit" => "<path d=\"M6 3h12v18H6z\"/><path d=\"M9 8h6M9 12h6M9 16h3\"/>",
        "people" => {
            "<circle cx=\"9\" cy=\"8\" r=\"3.5\"/><path d=\"M2.5 20c.6-4 3-6 6.500-6s5.900 2 6.500 6\"/><path d=\"M15.500 5a3.500 3.500 0 0 1 0 6.500M18 14.500c2 .8 3.200 2.700 3.500 5.500\"/>"
        }
        "key" => "<circle cx=\"7.500\" cy=\"12\" r=\"4\"/><path d=\"M11.500 12H21v4M17 12v3\"/>",
        "passkey" => {
            "<circle cx=\"10\" cy=\"8\" r=\"4\"/><path d=\"M3 20c.6-4.200 3.200-6.500 7-6.500 1.400 0 2.600.3 3.700.9\"/><circle cx=\"18\" cy=\"15\" r=\"2.500\"/><path d=\"M18 17.500V22l1.500-1.300\"/>"
        }
        "sun" => {
            "<circle cx=\"12\" cy=\"12\" r=\"4\"/><path d=\"M12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M18.700 5.300l-1.400 1.400M6.700 17.300l-1.400 1.400\"/>"
        }
        "moon" => "<path d=\"M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z\"/>",
        "globe" => {
            "<circle cx=\"12\" cy=\"12\" r=\"8.500\"/><path d=\"M3.500 12h17M12 3.500c5 5.200 5 11.800 0 17M12 3.500c-5 5.200-5 11.800 0 17\"/>"
        }
        "keyboard" => {
            "<rect x=\"2.500\" y=\"6\" width=\"19\" height=\"12\" rx=\"2\"/><path d=\"M6 10h.01M10 10h.01M14 10h.01M18 10h.01M8 14h8\"/>"
        }
        "menu" => "<path d=\"M4 7h16M4 12h16M4 17h16\"/>",
        "x" => "<path d=\"M6 6l12 12M18 6L6 18\"/>",
        "check" => "<path d=\"M4.500 12.500l5 5 10-11\"/>",
        "minus" => "<path d=\"M6 12h12\"/>",
        "plus" => "<path d=\"M12 5v14M5 12h14\"/>",
        "warn" => "<path d=\"M12 3.500L22 20H2z\"/><path d=\"M12 10v4.500M12 17.300v.01\"/>",
        "question" => {
            "<circle cx=\"12\" cy=\"12\" r=\"8.500\"/><path d=\"M9.500 9.500a2.500 2.500 0 1 1 3.800 2.100c-.9.600-1.300 1.100-1.300 2.200M12 16.800v.01\"/>"
        }
        "stop" => "<path d=\"M8 3h8l5 5v8l-5 5H8l-5-5V8z\"/><path d=\"M8 12h8\"/>",
        "pause" => "<path d=\"M9 5v14M15 5v14\"/>",
        "flag" => "<path d=\"M5 21V4M5 4.500c5-2.500 9 2.500 14 0v9.500c-5 2.500-9-2.500-14 0\"/>",
        "ring" => {
            "<circle cx=\"12\" cy=\"12\" r=\"8.500\"/><circle cx=\"12\" cy=\"12\" r=\"3.500\"/><path d=\"M6 6l3.500 3.500M14.500 14.500L18 18M18 6l-3.500 3.500M9.500 14.500L6 18\"/>"
        }
        "chat" => "<path d=\"M4 5h16v11H11l-5 4v-4H4z\"/><path d=\"M8 9.500h8M8 12.500h5\"/>",
        "mask" => {
            "<path d=\"M3 6c3 1.500 6-.5 9-.5s6 2 9 .5c.5 6-1.500 11.500-5.500 11.500-2 0-2.500-1.500-3.500-1.500s-1.500 1.500-3.500 1.500C4.500 17.500 2.500 12 3 6z\"/><path d=\"M7 10.500c1-.8 2.200-.8 3.200 0M13.800 10.500c1-.8 2.200-.8 3.200 0\"/>"
        }
        "undo" => "<path d=\"M8 4.500L3.500 9 8 13.500\"/><path d=\"M3.500 9H14a6 6 0 0 1 0 12h-4\"/>",
        "lock" => {
            "<rect x=\"5\" y=\"10.500\" width=\"14\" height=\"10\" rx=\"2\"/><path d=\"M8 10.500V8a4 4 0 0 1 8 0v2.500\"/>"
        }
        "clock" => "<circle cx=\"12\" cy=\"12\" r=\"8.500\"/><path d=\"M12 7v5.500l3.500 2\"/>",
        "link" => {
            "<path d=\"M10 14a4 4 0 0 0 5.700 0l3.500-3.500a4 4 0 0 0-5.700-5.700L12 6.300\"/><path d=\"M14 10a4 4 0 0 0-5.700 0l-3.500 3.500a4 4 0 0 0 5.700 5.700l1.500-1.500\"/>"
        }
        "copy" => {
            "<rect x=\"8.500\" y=\"8.500\" width=\"12\" height=\"12\" rx=\"2\"/><path d=\"M15.500 8.500v-5h-12v12h5\"/>"
        }
        "exit" => "<path d=\"M10 4H4.500v16H10M9.500 12H20.500M16.500 8l4 4-4 4\"/>",
        "code" => "<path d=\"M8 7l-5 5 5 5M16 7l5 5-5 5M13.500 5l-3 14\"/>",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_that_a_template_asks_for_is_drawn() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for piece in source.split(".icon(\"").skip(1) {
                let name = piece.split('"').next().unwrap();
                assert!(name == "mark" || !strokes(name).is_empty(), "{name}");
                seen += 1;
            }
        }
        assert!(seen > 40, "only {seen} uses found: does the search still work?");
    }
}
