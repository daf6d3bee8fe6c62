package io.unfreed.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Asks whether an address written down earlier is still that of the same broker. */
final class LiveBroker {
  private static final int CONNECT_TIMEOUT_MILLIS = 1000;
  private static final int ANSWER_TIMEOUT_MILLIS = 5000;

  private LiveBroker() {}

  /** Whether a broker of the same cluster answers there. */
  static boolean answers(BrokerAddress address) {
    return listens(address.bootstrapServers()) && address.clusterId().equals(clusterIdAt(address));
  }

  static boolean listens(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      int port = BrokerAddress.portOf(hostAndPort);
      String host = hostAndPort.substring(0, Math.max(colon, 0));
      socket.connect(new InetSocketAddress(host, port), CONNECT_TIMEOUT_MILLIS);
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  private static String clusterIdAt(BrokerAddress address) {
    Map<String, Object> config = new HashMap<>(address.toClient());
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_TIMEOUT_MILLIS);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_TIMEOUT_MILLIS);
    try (Admin admin = Admin.create(config)) {
      return admin.describeCluster().clusterId().get(ANSWER_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
