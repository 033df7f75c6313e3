//! Decoding of arrays of integers. The driver checks the type of each element, which takes most of the time of large
//! arrays, and reads arrays of one dimension only.

use sea_orm::sqlx::{Decode, Postgres, error::BoxDynError, postgres::PgValueRef};

/// The elements of an array in the binary form of PostgreSQL, of all dimensions one after the other, each after the four
/// bytes of its length: `N` is 6 for `SMALLINT`, 8 for `INTEGER` and 12 for `BIGINT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ArrayElements<'r, const N: usize>(&'r [[u8; N]]);

impl<'r, const N: usize> Decode<'r, Postgres> for ArrayElements<'r, N> {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let elements = Self::of(value.as_bytes()?);
        Ok(elements.ok_or("not an array of integers of this size")?)
    }
}

impl<'r, const N: usize> ArrayElements<'r, N> {
    /// Finds the elements (`array_send` in PostgreSQL) after the number of dimensions, the flags and the type, which have
    /// 12 bytes, and 8 bytes for each dimension.
    fn of(array: &'r [u8]) -> Option<Self> {
        let dimensions = i32::from_be_bytes(*array.first_chunk()?);
        let header = 12 + 8 * usize::try_from(dimensions).ok()?;
        let (elements, rest) = array.get(header..)?.as_chunks::<N>();
        let length = u32::try_from(N - 4).ok()?.to_be_bytes();
        let is_integer = |element: &[u8; N]| element[..4] == length;
        let is_whole = rest.is_empty() && elements.iter().all(is_integer);
        is_whole.then_some(Self(elements))
    }
}

impl ArrayElements<'_, 6> {
    /// Returns the values of an array of `SMALLINT`.
    pub fn values(&self) -> impl Iterator<Item = i16> {
        self.0
            .iter()
            .map(|&[_, _, _, _, value @ ..]| i16::from_be_bytes(value))
    }
}

impl ArrayElements<'_, 8> {
    /// Returns the values of an array of `INTEGER`.
    pub fn values(&self) -> impl Iterator<Item = i32> {
        self.0
            .iter()
            .map(|&[_, _, _, _, value @ ..]| i32::from_be_bytes(value))
    }
}

impl ArrayElements<'_, 12> {
    /// Returns the values of an array of `BIGINT`.
    pub fn values(&self) -> impl Iterator<Item = i64> {
        self.0
            .iter()
            .map(|&[_, _, _, _, value @ ..]| i64::from_be_bytes(value))
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sqlx::{Encode, postgres::PgArgumentBuffer};

    use super::*;

    /// The binary form of an array of one dimension, as the driver sends it.
    fn binary<'q>(values: &impl Encode<'q, Postgres>) -> Vec<u8> {
        let mut buffer = PgArgumentBuffer::default();
        let _ = values.encode_by_ref(&mut buffer).unwrap();
        buffer.to_vec()
    }

    #[test]
    fn arrays_are_decoded_as_they_were_encoded() {
        for hashes in [vec![], vec![i64::MIN], vec![-1, 0, i64::MAX]] {
            let array = binary(&hashes);
            let decoded = ArrayElements::<12>::of(&array).unwrap();
            assert!(decoded.values().eq(hashes));
        }
        let array = binary(&vec![i32::MIN, 7]);
        assert!(
            ArrayElements::<8>::of(&array)
                .unwrap()
                .values()
                .eq([i32::MIN, 7])
        );
        let array = binary(&vec![23_i16, -1]);
        assert!(
            ArrayElements::<6>::of(&array)
                .unwrap()
                .values()
                .eq([23, -1])
        );
    }

    #[test]
    fn what_is_no_array_of_these_integers_is_refused() {
        let array = binary(&vec![1_i64, 2]);
        assert_eq!(ArrayElements::<8>::of(&array), None);
        assert_eq!(ArrayElements::<12>::of(&array[..array.len() - 1]), None);
        assert_eq!(ArrayElements::<12>::of(&[]), None);
        let mut with_null = array;
        with_null[20..24].copy_from_slice(&(-1_i32).to_be_bytes());
        assert_eq!(ArrayElements::<12>::of(&with_null), None);
    }
}
