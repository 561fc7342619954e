// Dice: every choice of a run comes from here, so that a seed is a run. The arithmetic is our own (splitmix64): the standard
// library's distributions differ from one machine to the next.
#pragma once

#include <cstdint>
#include <span>

#include "schemas/base/runtime.h"

namespace schotvrij::simulation {

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // 0 to `n` - 1.
  uint64_t Below(uint64_t n) { return Next() % n; }
  // `from` to `to`, both included.
  int64_t Between(int64_t from, int64_t to) { return from + static_cast<int64_t>(Below(static_cast<uint64_t>(to - from + 1))); }
  bool PerMille(uint32_t chance) { return Below(1000) < chance; }
  // Around `mean`: half to one and a half of it.
  int64_t About(int64_t mean) { return Between(mean / 2, mean + mean / 2); }
  // Dice that go their own way from here.
  Dice Split() { return Dice(Next()); }

 private:
  uint64_t state_;
};

// What the gateway takes for chance.
class DiceRandom final : public Random {
 public:
  explicit DiceRandom(Dice dice) : dice_(dice) {}
  void Fill(std::span<uint8_t> out) override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(dice_.Next() >> 56);
  }

 private:
  Dice dice_;
};

}  // namespace schotvrij::simulation
