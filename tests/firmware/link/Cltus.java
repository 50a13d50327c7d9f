// Writes yamcs_cltus.txt, with the classes by which a Yamcs server makes frames and CLTUs. Java 17, Yamcs 5.12.8:
//
//     pip download --no-deps fprime-yamcs-bundle==5.12.8.0 && unzip -q fprime_yamcs_bundle-*.whl
//     java -cp 'fprime_yamcs_bundle/lib/*' Cltus.java > yamcs_cltus.txt

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.yamcs.YConfiguration;
import org.yamcs.tctm.ccsds.TcFrameFactory;
import org.yamcs.tctm.ccsds.TcManagedParameters;
import org.yamcs.tctm.ccsds.TcTransferFrame;
import org.yamcs.tctm.ccsds.error.BchCltuGenerator;
import org.yamcs.utils.TimeEncoding;

class Cltus {
    // Packets made by spacepackets, PusTc(service, subservice, apid=1, seq_count=..., app_data=..., ack_flags=15).pack():
    // 17, 1 (are-you-alive); 8, 1 (function 1, with an octet too many); 20, 1 (of parameter 3); 3, 27 (of structure 1);
    // 8, 1 (function 4); 17, 1 again
    static final String ALIVE = "1801c00000062f11010000161d";
    static final String FUNCTION = "1801c00100082f080100010003ce28";
    static final String REPORT = "1801c00200092f14010000010003c2ff";
    static final String ONE_SHOT = "1801c00300092f031b0000010001884d";
    static final String STOP = "1801c00400082f0801000000044b8f";
    static final String ALIVE_AGAIN = "1801c00500062f110100005ea3";

    static TcFrameFactory factory;

    public static void main(String[] arguments) {
        TimeEncoding.setUp();
        Map<String, Object> channel = Map.of("vcId", 0, "service", "PACKET", "useCop1", true, "maxFrameLength", 1024);
        Map<String, Object> link = Map.of("spacecraftId", 24, "errorDetection", "CRC16", "maxFrameLength", 1024,
                "priorityScheme", "FIFO", "virtualChannels", List.of(channel));
        var parameters = new TcManagedParameters(YConfiguration.wrap(link), "yutu2", "uplink");
        factory = new TcManagedParameters.TcVcManagedParameters(YConfiguration.wrap(channel), parameters)
                .getFrameFactory();
        System.out.println("# Type, number, data field, frame, CLTU; made by Yamcs 5.12.8 with Cltus.java");
        write("AD", 0, ALIVE);
        write("AD", 255, ALIVE + FUNCTION);
        write("AD", 128, "18012a8000007f"); // as long as two codeblocks: no fill octets
        write("BD", 0, FUNCTION);
        write("BC", 0, "00"); // unlock
        write("BC", 0, "82004d"); // set V(R) to 77
        write("AD", 77, REPORT + ONE_SHOT);
        write("AD", 78, STOP);
        write("BD", 0, ALIVE_AGAIN);
    }

    static void write(String type, int number, String data) {
        byte[] octets = HexFormat.of().parseHex(data);
        TcTransferFrame frame = type.equals("BC") ? factory.makeCtrlFrame(octets.length)
                : factory.makeDataFrame(octets.length, 0);
        System.arraycopy(octets, 0, frame.getData(), frame.getDataStart(), octets.length);
        frame.setBypass(!type.equals("AD"));
        frame.setVcFrameSeq(number);
        byte[] whole = factory.encodeFrame(frame);
        byte[] cltu = new BchCltuGenerator().makeCltu(whole.clone(), false);
        System.out.println(String.join(" ", type, String.valueOf(number), data, HexFormat.of().formatHex(whole),
                HexFormat.of().formatHex(cltu)));
    }
}
