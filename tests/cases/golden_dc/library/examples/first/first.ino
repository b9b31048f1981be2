/* first.ino: one sample through network 'golden_dc' every second, answers on the serial line. */
#include <Arduino.h>

#include <golden_dc.h>

/* A made-up sample: in step k, input k (and every GOLDEN_DC_STEPS-th after it) spikes. */
static int give_sample(void)
{
    for (uint16_t step = 0; step < GOLDEN_DC_STEPS; step++) {
        uint8_t bytes[GOLDEN_DC_FRAME_BYTES] = {0};
        for (uint32_t input = step; input < GOLDEN_DC_INPUTS; input += GOLDEN_DC_STEPS) {
            bytes[input / 8u] = (uint8_t)(bytes[input / 8u] | (1u << (input % 8u)));
        }
        int status = golden_dc_push_frame(step, bytes);
        if (status != SPIKEC_OK) {
            return status;
        }
    }
    return golden_dc_finish();
}

static const char *const c_labels[] = {
    "a", "b",
};

void setup()
{
    Serial.begin(115200);
}

void loop()
{
    golden_dc_init();
    int status = give_sample();
    if (status != SPIKEC_OK) {
        Serial.print("the network refused the sample: ");
        Serial.println(status);
    }
    while (golden_dc_step()) {
    }
    Serial.print("c: ");
    Serial.println(c_labels[golden_dc_answer(GOLDEN_DC_HEAD_C)]);
    delay(1000);
}
