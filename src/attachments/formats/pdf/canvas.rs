//! A page as squares of light and dark: codes are drawn in it by small areas, or put together from pictures.

use super::Picture;
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Shape};

/// Points of the longer side.
const SIDE: f64 = 1_200.0;
/// Areas that are drawn, and the fewest of which something can be.
const MAX_AREAS: usize = 40_000;
const FEWEST: usize = 100;

/// What is drawn on a page by areas.
pub(super) struct Canvas {
    page: Rect,
    areas: Vec<(Rect, u8)>,
    /// Strips of pictures.
    strips: usize,
}

impl Canvas {
    pub(super) fn new(page: Rect) -> Self {
        Self {
            page,
            areas: Vec::new(),
            strips: 0,
        }
    }

    /// Draws an area. Only what lies along the sides of the page matters.
    pub(super) fn fill(&mut self, path: &BezPath, transform: Affine, luma: Option<u8>) {
        if self.areas.len() >= MAX_AREAS {
            return;
        }
        let Some(luma) = luma else { return };
        // Each closed piece of the path is an area of its own.
        let mut piece = BezPath::new();
        for element in path.elements() {
            if matches!(element, hayro_interpret::kurbo::PathEl::MoveTo(_)) && !piece.is_empty() {
                self.area(&piece, transform, luma);
                piece = BezPath::new();
            }
            piece.push(*element);
        }
        if !piece.is_empty() {
            self.area(&piece, transform, luma);
        }
    }

    fn area(&mut self, piece: &BezPath, transform: Affine, luma: u8) {
        let area = transform.transform_rect_bbox(piece.bounding_box());
        if area.is_finite() && self.areas.len() < MAX_AREAS {
            self.areas.push((area, luma));
        }
    }

    /// Draws a picture that is one of several strips.
    pub(super) fn paint(&mut self, picture: &Picture, transform: Affine) {
        const MOST: usize = 64;
        self.strips += 1;
        let (width, height) = picture.sides();
        if self.strips > MOST || self.areas.len() + width * height > MAX_AREAS {
            return;
        }
        // A picture is drawn in the unit square, its first row at the top.
        let step = |of: usize| 1.0 / f64::from(u32::try_from(of).unwrap_or(1).max(1));
        let (dx, dy) = (step(width), step(height));
        let mut y = 1.0 - dy;
        for row in picture.rows() {
            let mut x = 0.0;
            for &luma in row {
                let square = Rect::from_origin_size(Point::new(x, y), (dx, dy));
                self.areas
                    .push((transform.transform_rect_bbox(square), luma));
                x += dx;
            }
            y -= dy;
        }
    }

    /// The page as a picture; none where there is too little on it.
    pub(super) fn picture(&self) -> Option<Picture> {
        let dark = self.areas.iter().filter(|(_, luma)| *luma < 128).count();
        let longer = self.page.width().max(self.page.height());
        if dark < FEWEST || !(1.0..100_000.0).contains(&longer) {
            return None;
        }
        let scale = SIDE / longer;
        let place = |at: f64, most: usize| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let at = (at * scale).round().max(0.0) as usize;
            at.min(most)
        };
        let width = place(self.page.width(), 1_200).max(1);
        let height = place(self.page.height(), 1_200).max(1);
        let mut points = vec![255; width * height];
        for (area, luma) in &self.areas {
            let from = place(area.x0 - self.page.x0, width);
            let to = place(area.x1 - self.page.x0, width);
            let top = place(self.page.y1 - area.y1, height);
            let bottom = place(self.page.y1 - area.y0, height);
            for y in top..bottom {
                if let Some(row) = points.get_mut(y * width + from..y * width + to) {
                    row.fill(*luma);
                }
            }
        }
        let side = |of: usize| u32::try_from(of).unwrap_or_default();
        Picture::new(points, side(width), side(height))
    }
}
