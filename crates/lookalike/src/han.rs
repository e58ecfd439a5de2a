//! How Chinese characters sound and what they look like.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What is known of a character; see `tools/han.py` for where it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Han {
    /// Readings without tone, commonest first, joined by commas.
    readings: &'static str,
    strokes: u8,
    radical: u16,
    /// Cangjie code: the parts of the character, in the order of writing.
    cangjie: &'static str,
    /// Characters of nearly the same shape.
    near: &'static str,
}

static TABLE: LazyLock<HashMap<u32, Han, foldhash::fast::FixedState>> = LazyLock::new(|| {
    let lines = include_str!("../data/han.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(parse).collect()
});

fn parse(line: &'static str) -> Option<(u32, Han)> {
    let mut fields = line.split('\t');
    let c = fields.next()?.chars().next()?;
    let han = Han {
        readings: fields.next()?,
        strokes: fields.next()?.parse().ok()?,
        radical: fields.next()?.parse().ok()?,
        cangjie: fields.next()?,
        near: fields.next()?,
    };
    Some((c as u32, han))
}

fn get(code: u32) -> Option<&'static Han> {
    TABLE.get(&code)
}

pub(crate) fn is_han(code: u32) -> bool {
    char::from_u32(code).is_some_and(touchstone_text::is_han)
}

/// Its commonest reading without tone.
pub(crate) fn sound(code: u32) -> Option<&'static str> {
    get(code)?.readings.split(',').next().filter(|it| !it.is_empty())
}

/// All its readings without tone.
pub(crate) fn sounds(code: u32) -> impl Iterator<Item = &'static str> {
    get(code).map_or("", |it| it.readings).split(',').filter(|it| !it.is_empty())
}

/// May both be read the same way?
pub(crate) fn same_sound(a: u32, b: u32) -> bool {
    sounds(a).any(|it| sounds(b).any(|other| it == other))
}

/// Can it be added without catching the eye?
pub(crate) fn is_small(code: u32) -> bool {
    get(code).is_some_and(|it| it.strokes <= 4)
}

/// Do both look alike: nearly one shape, one a part of the other, or all parts but one the same?
/// A character so rare that no ordinary name has it passes for any other.
pub(crate) fn same_look(a: u32, b: u32) -> bool {
    let (Some(first), Some(second)) = (get(a), get(b)) else {
        return get(a).is_some() != get(b).is_some() && is_han(a) && is_han(b);
    };
    let near = |han: &Han, other: u32| han.near.chars().any(|it| it as u32 == other);
    near(first, b) || near(second, a) || shares_parts(first.cangjie, second.cangjie)
}

/// Is one code the other with something added at one end, or do they differ in one sign?
fn shares_parts(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < 2 {
        return false;
    }
    if long.len() == short.len() {
        let differing = a.bytes().zip(b.bytes()).filter(|(x, y)| x != y).count();
        return short.len() >= 3 && differing <= 1;
    }
    long.starts_with(short) || long.ends_with(short) || {
        let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
        let same_end = a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
        same.max(same_end) >= 3 || same + same_end + 1 >= long.len() && long.len() >= 4
    }
}

/// Are `parts`, written one after another, the parts of `whole`? Told by the number of strokes
/// and the radical, which one of the parts must bring along.
pub(crate) fn is_split(whole: u32, parts: &[u32]) -> bool {
    // What the rule misses of the characters in role words.
    const OTHERS: [(char, &str); 8] = [
        ('方', "亠万"),
        ('方', "亠刀"),
        ('方', "亠力"),
        ('官', "宀㠯"),
        ('官', "宀吕"),
        ('服', "月𠬝"),
        ('支', "十又"),
        ('队', "阜人"),
    ];
    let is_other =
        |it: &(char, &str)| it.0 as u32 == whole && it.1.chars().map(u32::from).eq(parts.iter().copied());
    if OTHERS.iter().any(is_other) {
        return true;
    }
    let Some(han) = get(whole) else { return false };
    let mut strokes = 0;
    let mut brings_radical = false;
    for part in parts {
        let (part_strokes, radical) = match get(*part) {
            Some(it) => (it.strokes, it.radical),
            None => match component(*part) {
                Some(it) => it,
                None => return false,
            },
        };
        strokes += part_strokes;
        brings_radical |= radical == han.radical;
    }
    brings_radical && strokes.abs_diff(han.strokes) <= 2 // 服 is counted with fewer than its parts 月 and 艮.
}

/// Strokes and radical of the forms that radicals take within a character.
fn component(code: u32) -> Option<(u8, u16)> {
    const FORMS: &[(char, u8, u16)] = &[
        ('亻', 2, 9),
        ('讠', 2, 149),
        ('氵', 3, 85),
        ('扌', 3, 64),
        ('忄', 3, 61),
        ('钅', 5, 167),
        ('饣', 3, 184),
        ('纟', 3, 120),
        ('艹', 3, 140),
        ('辶', 3, 162),
        ('阝', 2, 170),
        ('刂', 2, 18),
        ('卩', 2, 26),
        ('宀', 3, 40),
        ('犭', 3, 94),
        ('礻', 4, 113),
        ('衤', 5, 145),
        ('攵', 4, 66),
        ('灬', 4, 86),
        ('冖', 2, 14),
        ('亠', 2, 8),
        ('勹', 2, 20),
        ('丷', 2, 12),
        ('覀', 6, 146),
        ('罒', 5, 122),
        ('疒', 5, 104),
        ('彳', 3, 60),
        ('夂', 3, 34),
        ('丬', 3, 90),
        ('冫', 2, 15),
        ('凵', 2, 17),
        ('匚', 2, 22),
        ('囗', 3, 31),
        ('彡', 3, 59),
        ('廴', 3, 54),
        ('丨', 1, 2),
        ('丿', 1, 4),
        ('丶', 1, 3),
        ('乚', 1, 5),
        ('亅', 1, 6),
        ('戋', 5, 62),
        ('乂', 2, 4),
        ('疋', 5, 103),
        ('巛', 3, 47),
        ('廾', 3, 55),
        ('彐', 3, 58),
        ('尢', 3, 43),
        ('屮', 3, 45),
        ('厶', 2, 28),
    ];
    FORMS.iter().find(|it| it.0 as u32 == code).map(|it| (it.1, it.2))
}
