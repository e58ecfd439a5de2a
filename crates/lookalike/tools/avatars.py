"""Pictures to measure `src/picture.rs` with: official ones, what impostors make of them, other people's.

    npm install --ignore-scripts @iconify-json/{cryptocurrency-color,logos,token-branded,skill-icons,devicon} \
        @iconify-json/{twemoji,noto,fluent-emoji-flat,flat-color-icons,circle-flags} \
        @dicebear/core@9.4.3 @dicebear/collection@9.4.3
    pip install pillow resvg_py
    python3 tools/avatars.py node_modules PHOTOGRAPHS OUT.ppm

The sets are CC0-1.0 (cryptocurrency-color, logos), MIT (token-branded, skill-icons, devicon, fluent-emoji-flat,
flat-color-icons, circle-flags), Apache-2.0 (noto), CC-BY-4.0 (twemoji); DiceBear's code is MIT, its styles are free to
use, each under the licence it names. Nothing of them is contained in the project. PHOTOGRAPHS is a folder of JPEG files.

The output is a row of PPM pictures, each with a comment `part role set:name edit`. Edits are made by Pillow, not by the
code that is measured, on one half of the sets for development (`dev`) and on the other for the report (`held`)."""
import hashlib, io, itertools, json, pathlib, subprocess, sys
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps
import resvg_py

SIDE = 256
PARTS = {
    "dev": {"official": ["cryptocurrency-color", "logos"], "other": ["twemoji", "flat-color-icons", "circle-flags"]},
    "held": {"official": ["token-branded", "skill-icons", "devicon"], "other": ["noto", "fluent-emoji-flat"]},
}
STYLES = {"dev": ["avataaars", "bottts", "identicon", "initials", "lorelei"],
          "held": ["adventurer", "micah", "shapes", "rings", "thumbs", "funEmoji"]}
OFFICIALS, OTHERS, AVATARS = 100, 420, 60
GROUNDS = [(255, 255, 255), (18, 18, 22), (242, 244, 247), (36, 86, 229), (240, 185, 11), (22, 160, 93)]


def number(*words):
    """A number that is always the same for the same words."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, words)).encode()).digest()[:6], "big")


def render(svg, side=SIDE):
    data = resvg_py.svg_to_bytes(svg_string=svg, width=side, height=side)
    return Image.open(io.BytesIO(bytes(data))).convert("RGBA")


def squared(picture):
    """What is drawn, with a margin, in the middle of a square."""
    box = picture.getbbox()
    if not box:
        return None
    drawn = picture.crop(box)
    side = int(max(drawn.size) * 1.25)
    out = Image.new("RGBA", (side, side))
    out.paste(drawn, ((side - drawn.width) // 2, (side - drawn.height) // 2))
    return out.resize((SIDE, SIDE), Image.LANCZOS)


def icons(modules, name):
    root = json.loads((modules / "@iconify-json" / name / "icons.json").read_text())
    width, height = root.get("width", 16), root.get("height", 16)
    for key, icon in sorted(root["icons"].items(), key=lambda it: number(name, it[0])):
        w, h = icon.get("width", width), icon.get("height", height)
        if max(w, h) > 1.35 * min(w, h):
            continue  # A banner is nobody's avatar.
        yield key, (f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                    f'viewBox="{icon.get("left", 0)} {icon.get("top", 0)} {w} {h}">{icon["body"]}</svg>')


def ground(picture, name, which=0):
    """The picture before one of the backgrounds, always the same one for the same name."""
    first = number(name, "ground") % len(GROUNDS)
    colour = GROUNDS[(first + which) % len(GROUNDS)]
    out = Image.new("RGBA", picture.size, colour + (255,))
    out.alpha_composite(picture)
    return out.convert("RGB"), colour


def has_ground(picture):
    return sum(it < 32 for it in picture.getchannel("A").get_flattened_data()) > 0.1 * picture.width * picture.height


def jpeg(picture, quality):
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return Image.open(io.BytesIO(data.getvalue())).convert("RGB")


def cut(picture, share, dx=0.5, dy=0.5):
    """Leaves out `share` of width and height; at 0.5 the same on either side."""
    w, h = picture.size
    left, top = int(w * share * dx), int(h * share * dy)
    return picture.crop((left, top, left + int(w * (1 - share)), top + int(h * (1 - share))))


def framed(picture, share, colour):
    return ImageOps.expand(picture, int(picture.width * share), colour)


def circle(picture, colour, inset=0.0):
    size = picture.width * 4
    mask = Image.new("L", (size, size), 0)
    ImageDraw.Draw(mask).ellipse((size * inset, size * inset, size * (1 - inset), size * (1 - inset)), fill=255)
    return Image.composite(picture, Image.new("RGB", picture.size, colour), mask.resize(picture.size, Image.LANCZOS))


def ring(picture, colour, share):
    out = picture.copy()
    ImageDraw.Draw(out).ellipse((1, 1, out.width - 2, out.height - 2), outline=colour, width=int(out.width * share))
    return out


def badge(picture, x, y, size, colour):
    """A disc with a check mark whose middle is at (x, y)."""
    w = picture.width * 4
    layer = Image.new("RGBA", (w, w))
    pen, r = ImageDraw.Draw(layer), w * size / 2
    cx, cy = w * x, w * y
    pen.ellipse((cx - r * 1.12, cy - r * 1.12, cx + r * 1.12, cy + r * 1.12), fill=(255, 255, 255, 255))
    pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=colour + (255,))
    pen.line([(cx - r * .45, cy + r * .05), (cx - r * .1, cy + r * .4), (cx + r * .5, cy - r * .35)],
             fill=(255, 255, 255, 255), width=int(r * .22), joint="curve")
    out = picture.convert("RGBA")
    out.alpha_composite(layer.resize(picture.size, Image.LANCZOS))
    return out.convert("RGB")


def banner(picture, top, bottom, text, colour):
    out, w = picture.copy(), picture.width
    pen = ImageDraw.Draw(out)
    pen.rectangle((0, w * top, w, w * bottom), fill=colour)
    pen.text((w / 2, w * (top + bottom) / 2), text, fill=(255, 255, 255), anchor="mm",
             font=ImageFont.load_default(size=w * (bottom - top) * .7))
    return out


def turned(picture, angle, colour):
    return picture.rotate(angle, Image.BICUBIC, fillcolor=colour)


def hue(picture, degrees):
    h, s, v = picture.convert("HSV").split()
    return Image.merge("HSV", (h.point(lambda it: (it + degrees * 256 // 360) % 256), s, v)).convert("RGB")


def edits(drawn, name):
    """Every edit: its group, its name, the picture."""
    plain, colour = ground(drawn, name)
    edge = plain.getpixel((2, 2))
    blue, red = (29, 155, 240), (214, 40, 57)
    for quality in (20, 50, 90):
        yield "recompressed", f"jpeg {quality}", jpeg(plain, quality)
    for side in (48, 96, 400):
        yield "scaled", f"{side} px", plain.resize((side, side), Image.BICUBIC)
    for share in (5, 10, 15):
        yield "cut", f"cut {share} %", cut(plain, share / 100)
    yield "cut", "cut 10 % aside", cut(plain, .10, .15, .8)
    yield "border", "border 4 %", framed(plain, .04, (0, 0, 0))
    yield "border", "border 8 % red", framed(plain, .08, red)
    yield "border", "ring 5 %", ring(plain, (46, 204, 113), .05)
    yield "border", "smaller by 25 %", framed(plain, .167, edge)
    yield "circle", "circle on white", circle(plain, (255, 255, 255))
    yield "circle", "circle on black", circle(plain, (0, 0, 0))
    yield "circle", "circle and ring", ring(circle(plain, (255, 255, 255)), blue, .05)
    for angle in (2, -5, 10):
        yield "tilted", f"tilted {angle}", turned(plain, angle, edge)
    for angle in (90, 180, 270):
        yield "turned", f"turned {angle}", plain.rotate(angle)
    yield "mirrored", "mirrored", ImageOps.mirror(plain)
    yield "mirrored", "upside down", ImageOps.flip(plain)
    yield "badge", "badge below right", badge(plain, .82, .82, .30, blue)
    yield "badge", "large badge below right", badge(plain, .78, .78, .40, blue)
    yield "badge", "badge above right", badge(plain, .83, .17, .28, (39, 174, 96))
    yield "badge", "badge below left", badge(plain, .18, .82, .32, blue)
    yield "banner", "banner below", banner(plain, .76, 1.0, "SUPPORT", red)
    yield "banner", "banner above", banner(plain, 0, .2, "OFFICIAL", (20, 20, 20))
    yield "banner", "banner at the foot", banner(plain, .7, .88, "Help Desk", blue)
    for degrees in (40, 150):
        yield "colour", f"hue {degrees}", hue(plain, degrees)
    for factor in (.7, 1.35):
        yield "colour", f"brightness {factor}", ImageEnhance.Brightness(plain).enhance(factor)
        yield "colour", f"contrast {factor}", ImageEnhance.Contrast(plain).enhance(factor)
    yield "colour", "grey", ImageOps.grayscale(plain).convert("RGB")
    yield "colour", "inverted", ImageOps.invert(plain)
    yield "colour", "blurred", plain.filter(ImageFilter.GaussianBlur(3))
    if has_ground(drawn):
        for which in (1, 2, 3):
            yield "background", f"background {which}", ground(drawn, name, which)[0]
    yield "several", "cut, badge, jpeg 40", jpeg(badge(cut(plain, .08).resize((160, 160)), .8, .8, .3, blue), 40)
    yield "several", "circle, ring, 64 px", ring(circle(plain, (255, 255, 255)), red, .06).resize((64, 64))
    yield "several", "mirrored, hue, jpeg 60", jpeg(ImageOps.mirror(hue(plain, 60)).resize((120, 120)), 60)
    yield "several", "tilted, badge", badge(turned(plain, 4, edge), .82, .82, .3, (39, 174, 96))


def write(out, picture, *words):
    w, h = picture.size
    out.write(b"P6\n# %s\n%d %d\n255\n" % (" ".join(words).encode(), w, h) + picture.convert("RGB").tobytes())


def plainly(picture, name):
    """As a platform would serve it."""
    side = (96, 128, 200, 256)[number(name, "side") % 4]
    return jpeg(ground(picture, name)[0].resize((side, side), Image.LANCZOS), 85)


def main(modules, photographs, target):
    modules = pathlib.Path(modules)
    dicebear = subprocess.run(["node", "--input-type=module", "-e", f"""
        import {{createAvatar}} from '{modules.resolve()}/@dicebear/core/lib/index.js';
        import * as all from '{modules.resolve()}/@dicebear/collection/lib/index.js';
        for (const style of {json.dumps(sum(STYLES.values(), []))}) for (let at = 0; at < {AVATARS}; at++)
            console.log(JSON.stringify([style, at, createAvatar(all[style], {{seed: 'a' + at}}).toString()]));
        """], capture_output=True, text=True, check=True).stdout.splitlines()
    with open(target, "wb") as out:
        for part, sets in PARTS.items():
            names, officials = set(), 0
            for set_name in sets["official"]:
                share, taken, others = OFFICIALS // len(sets["official"]) + 1, 0, 0
                for key, svg in icons(modules, set_name):
                    if taken == share and others == OTHERS:
                        break
                    picture = squared(render(svg))
                    if picture is None or len(key) < 2:
                        continue
                    name = f"{set_name}:{key}"
                    stem = key.split("-")[0]
                    if taken < share and officials < OFFICIALS and stem not in names:
                        taken, officials = taken + 1, officials + 1
                        names.add(stem)
                        write(out, ground(picture, name)[0], part, "official", name, "as it is")
                        for group, edit, edited in edits(picture, name):
                            write(out, edited, part, "edited", name, f"{group}/{edit}")
                    elif stem not in names and others < OTHERS:
                        others += 1
                        write(out, plainly(picture, name), part, "other", name, "-")
            for set_name in sets["other"]:
                for key, svg in itertools.islice(icons(modules, set_name), OTHERS):
                    picture = squared(render(svg))
                    if picture:
                        write(out, plainly(picture, f"{set_name}:{key}"), part, "other", f"{set_name}:{key}", "-")
            for line in dicebear:
                style, at, svg = json.loads(line)
                if style in STYLES[part]:
                    name = f"dicebear-{style}:{at}"
                    write(out, plainly(render(svg), name), part, "other", name, "-")
        for path in sorted(pathlib.Path(photographs).glob("*.jpg")):
            if path.stem.startswith(("q", "bridge-1")):
                photo = Image.open(path).convert("RGB")
                side = min(photo.size)
                photo = ImageOps.fit(photo, (side, side)).resize((SIDE, SIDE), Image.LANCZOS)
                name = f"photographs:{path.stem}"
                write(out, photo, "held", "official", name, "as it is")
                for group, edit, edited in edits(photo.convert("RGBA"), name):
                    write(out, edited, "held", "edited", name, f"{group}/{edit}")


if __name__ == "__main__":
    main(*sys.argv[1:])
